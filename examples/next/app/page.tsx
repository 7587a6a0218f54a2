import { Speller } from './speller';

// A server component: the library is rendered on the server too, without touching `window`.
export default function Page() {
  return (
    <main>
      <h1>Fingerspell with Next.js</h1>
      <Speller />
    </main>
  );
}
