/** What an overlay shows, for those who do not see it. */
import type { Overlay } from './overlay.js';

/**
 * @example
 * overlayInWords(overlay);
 * // '18 % of the strokes of the reference and 22 % of the questioned signature have no stroke of the other near. To lie
 * // over the reference, the questioned signature was turned by 4° clockwise and made 5 % larger.'
 */
export function overlayInWords({ reference, questioned, placement }: Overlay): string {
  const differing = `${percent(reference.differing)} of the strokes of the reference and ${percent(questioned.differing)} of the questioned signature have no stroke of the other near.`;
  const degrees = Math.round((placement.rotationRadians * 180) / Math.PI);
  const larger = Math.round(100 * (placement.scale - 1));
  const changes = [
    ...(degrees === 0 ? [] : [`turned by ${Math.abs(degrees)}° ${degrees > 0 ? 'clockwise' : 'anticlockwise'}`]),
    ...(larger === 0 ? [] : [`made ${Math.abs(larger)} % ${larger > 0 ? 'larger' : 'smaller'}`]),
  ];
  if (changes.length === 0) return differing;
  return `${differing} To lie over the reference, the questioned signature was ${changes.join(' and ')}.`;
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
