import './sign-in.css';

/** Shown where the server does not answer before anybody is signed in; the page tries again by itself. */
export function ServerAway(): React.ReactNode {
  return (
    <main className="sign-in">
      <div className="sign-in-card" role="status">
        <h1>The server does not answer</h1>
        <p>
          This page tries again every two seconds. Where it runs on this machine, start it with{' '}
          <code>npm start</code>.
        </p>
      </div>
    </main>
  );
}
