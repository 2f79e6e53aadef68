import { useEffect, useState } from 'preact/hooks';
import type { Decision } from '../../verify/result.js';
import { Icon } from '../parts/icon.js';
import { VERDICTS } from './verdicts.js';

/** The verdict at the lower edge of a narrow screen, while the card that says it is out of sight. */
export function VerdictBar({ decision, distance }: { readonly decision: Decision; readonly distance: number | null }) {
  const [hidden, setHidden] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setHidden(!entry!.isIntersecting));
    observer.observe(verdictCard());
    return () => observer.disconnect();
  }, []);
  if (!hidden) return null;
  return (
    <button
      type="button"
      class={`verdict-bar ${decision}`}
      onClick={() => verdictCard().scrollIntoView({ block: 'start' })}
    >
      <Icon name={VERDICTS[decision].sign} />
      <strong>{VERDICTS[decision].word}</strong>
      <span class="small">{distance === null ? '' : `distance ${distance.toFixed(3)}`}</span>
    </button>
  );
}

const verdictCard = () => document.querySelector('.outcome .verdict')!;
