import { useSearchText } from '../shell/address.tsx';
import { GraphqlConsole } from './graphql-console.tsx';
import './query.css';
import { SqlConsole } from './sql-console.tsx';

/** Questions in a language of one's own: GraphQL, or SQL on analytics. */
export function QueryPage(): React.ReactNode {
  const language = new URLSearchParams(useSearchText()).get('language');
  return (
    <main className="page query-page">
      <h1 className="visually-hidden">Query</h1>
      {language === 'sql' ? <SqlConsole /> : <GraphqlConsole />}
    </main>
  );
}
