import { Blank } from '../blanks/blank.tsx';
import { PageLink } from './address.tsx';

/** The address names no page. */
export function NoPage(): React.ReactNode {
  return (
    <main className="page">
      <section className="panel">
        <Blank
          title="There is no such page"
          action={
            <PageLink className="button" href="/">
              Go to the overview
            </PageLink>
          }
        />
      </section>
    </main>
  );
}
