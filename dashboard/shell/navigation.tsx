import { PageLink, usePathname } from './address.tsx';
import { pages } from './pages.ts';
import './shell.css';

/** Where one can go; the place where one is stands out. */
export function Navigation(): React.ReactNode {
  const pathname = usePathname();
  return (
    <nav className="navigation" aria-label="Pages">
      {pages.map(({ path, label, key }) => (
        <PageLink
          key={path}
          href={path}
          title={`${label} (g ${key})`}
          aria-current={isAt(pathname, path) ? 'page' : undefined}
        >
          {label}
        </PageLink>
      ))}
    </nav>
  );
}

function isAt(pathname: string, path: string): boolean {
  return path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`);
}
