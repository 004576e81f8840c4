import { useLayoutEffect, useRef } from 'react';

import { PageLink, usePathname } from './address.tsx';
import { pageAt, pages } from './pages.ts';
import './shell.css';

/** Where one can go; the place where one is stands out. */
export function Navigation(): React.ReactNode {
  const here = pageAt(usePathname())?.path;
  const bar = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (bar.current !== null) showCurrent(bar.current);
  }, [here]);
  return (
    <nav ref={bar} className="navigation" aria-label="Pages">
      {pages.map(({ path, label, key }) => (
        <PageLink
          key={path}
          href={path}
          title={`${label} (g ${key})`}
          aria-current={path === here ? 'page' : undefined}
        >
          {label}
        </PageLink>
      ))}
    </nav>
  );
}

/** Where not all fit beside each other, the one where one is stands in the middle; the page itself stays where it is. */
function showCurrent(bar: HTMLElement): void {
  const current = bar.querySelector('[aria-current="page"]');
  if (current === null) return;
  const [whole, part] = [bar.getBoundingClientRect(), current.getBoundingClientRect()];
  bar.scrollLeft += part.left + part.width / 2 - (whole.left + whole.width / 2);
}
