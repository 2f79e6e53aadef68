export function Overlay(_: any) {
  return <p>overlay</p>;
}
