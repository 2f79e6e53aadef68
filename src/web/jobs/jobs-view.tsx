export function JobsView(_: any) {
  return <p>todo</p>;
}
