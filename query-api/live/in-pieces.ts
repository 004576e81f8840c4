/** Characters that go to a connection at once, about: what a reader that reads nothing is kept of a stream. */
const pieceLength = 64 * 1024;

/** Texts joined to pieces: few writes where they are short, and no more in a connection's memory than one piece. */
export function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
