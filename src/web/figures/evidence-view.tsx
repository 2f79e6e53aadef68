export function EvidenceView(_: any) { return <p>todo</p>; }
