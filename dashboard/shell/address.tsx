import { useRouterState } from '@tanstack/react-router';
import { useCallback } from 'react';

import { useApp } from '../app-context.tsx';

/** The query string of the address that is shown, with its `?`; '' where there is none. */
export function useSearchText(): string {
  return useRouterState({ select: ({ location }) => location.searchStr });
}

export function usePathname(): string {
  return useRouterState({ select: ({ location }) => location.pathname });
}

/** Goes to an address of this app: a step in the history, so Back undoes it. */
export function useGo(): (href: string) => void {
  const { history } = useApp();
  return useCallback((href: string) => history.push(href), [history]);
}

interface PageLinkProps extends React.AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly href: string;
}

/** A link within the app: a real address, so that it can be copied and opened in a new tab. */
export function PageLink({ href, ...rest }: PageLinkProps): React.ReactNode {
  const go = useGo();
  function follow(event: React.MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  }
  return <a href={href} onClick={follow} {...rest} />;
}
