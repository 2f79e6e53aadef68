export function JobView(_: any) {
  return <p>todo</p>;
}
