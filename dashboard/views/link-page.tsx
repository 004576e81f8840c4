import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useApp } from '../app-context.tsx';
import { Failed } from '../blanks/blank.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { usePathname } from '../shell/address.tsx';

interface Link {
  readonly page: string;
  readonly search: string;
}

/** Leads on to what a short link stands for. */
export function LinkPage(): React.ReactNode {
  const { api, history } = useApp();
  const linkId = decodeURIComponent(usePathname().slice('/l/'.length));
  const { data, error, refetch } = useQuery({
    queryKey: ['/links', linkId],
    queryFn: ({ signal }) => api.get<Link>(`/links/${encodeURIComponent(linkId)}`, {}, signal),
    retry: false,
  });
  useEffect(() => {
    // Back goes past the link.
    if (data !== undefined) history.replace(`/${data.page}${data.search}`);
  }, [data, history]);
  return (
    <main className="page">
      <h1 className="visually-hidden">Link</h1>
      <section className="panel">
        {error === null ? (
          <Skeleton rows={6} rowHeight={32} />
        ) : (
          <Failed what="this link" error={error} onRetry={() => void refetch()} />
        )}
      </section>
    </main>
  );
}
