import type { LifeWord } from '../../contracts/device.ts';

export const lifeLabels: Readonly<Record<LifeWord, string>> = {
  registered: 'Registered',
  online: 'Online',
  late: 'Late',
  offline: 'Offline',
  changed: 'Changed',
  cloned: 'Two machines',
};

/** What happened by its shape, for whoever does not see the colour. */
export function LifeMark({ word }: { readonly word: LifeWord }): React.ReactNode {
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {marks[word]}
    </svg>
  );
}

const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 2, strokeLinecap: 'round' } as const;

const marks: Readonly<Record<LifeWord, React.ReactNode>> = {
  registered: <path d="M6 2v8M2 6h8" {...line} />,
  online: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  late: (
    <>
      <circle cx="6" cy="6" r="4.2" {...line} strokeWidth={1.6} />
      <path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z" fill="currentColor" />
    </>
  ),
  offline: <path d="M2 2l8 8M10 2l-8 8" {...line} />,
  changed: <path d="M2 4h8l-2.4-2.4M10 8H2l2.4 2.4" {...line} strokeWidth={1.6} />,
  cloned: (
    <>
      <rect x="1.2" y="1.2" width="6.6" height="6.6" rx="1" {...line} strokeWidth={1.6} />
      <rect x="4.2" y="4.2" width="6.6" height="6.6" rx="1" fill="currentColor" />
    </>
  ),
};
