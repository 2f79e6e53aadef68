export function EvidenceScale(_: any) {
  return <p>scale</p>;
}
