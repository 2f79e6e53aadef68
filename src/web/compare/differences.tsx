export function Differences(_: any) {
  return <p class="card">differences</p>;
}
