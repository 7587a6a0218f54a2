/**
 * The bones of a hand and the edges of its palm, for drawing: pairs of indices into {@link Hand.joints}, each finger from
 * the palm to the tip. They are those of MediaPipe's hand landmarks, whose order the joints have too.
 *
 * @public
 */
export const HAND_CONNECTIONS: readonly (readonly [from: number, to: number])[] = [
  [0, 1],
  [1, 2],
  [2, 3],
  [3, 4],
  [0, 5],
  [5, 6],
  [6, 7],
  [7, 8],
  [5, 9],
  [9, 10],
  [10, 11],
  [11, 12],
  [9, 13],
  [13, 14],
  [14, 15],
  [15, 16],
  [13, 17],
  [0, 17],
  [17, 18],
  [18, 19],
  [19, 20],
];
