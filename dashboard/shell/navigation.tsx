import { PageLink, usePathname } from './address.tsx';
import { pageAt, pages } from './pages.ts';
import './shell.css';

/** Where one can go; the place where one is stands out. */
export function Navigation(): React.ReactNode {
  const here = pageAt(usePathname())?.path;
  return (
    <nav className="navigation" aria-label="Pages">
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
