import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createBrowserHistory } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { AppContext, type AppDependencies } from './app-context.tsx';
import { App } from './app.tsx';
import { createApi, isAway, isDenied, isSignedOut } from './api/client.ts';
import { createConnection } from './api/connection.ts';
import { createAppRouter } from './router.tsx';
import { takeToken } from './session/take-token.ts';
import './styles/tokens.css';
import './styles/page.css';
import './styles/controls.css';
import { createPreferenceStore } from './view/preference-store.ts';
import { createViewStore } from './view/view-store.ts';

const connection = createConnection();
const queries = new QueryClient({
  queryCache: new QueryCache({
    onSuccess: () => connection.report(false),
    onError: (error) => connection.report(isAway(error)),
  }),
  defaultOptions: {
    queries: {
      networkMode: 'always',
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < 1 && !isSignedOut(error) && !isDenied(error) && !isAway(error),
      retryDelay: 500,
    },
  },
});
// Taken before anything else can read or copy the address.
const token = takeToken(window);
const history = createBrowserHistory();
const router = createAppRouter(history);
const dependencies: AppDependencies = {
  api: createApi(window.fetch.bind(window)),
  connection,
  history,
  views: createViewStore(window, history),
  preferences: createPreferenceStore(window),
  nowMs: () => Date.now(),
};

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <AppContext value={dependencies}>
        <QueryClientProvider client={queries}>
          <App token={token} router={router} />
        </QueryClientProvider>
      </AppContext>
    </StrictMode>,
  );
}
