export function EvidenceCard(_: any) {
  return <p class="card">scale</p>;
}
