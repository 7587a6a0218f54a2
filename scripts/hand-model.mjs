// A right hand as 21 joints: palm towards the camera, in units of the palm's height; x to the right of the picture,
// y up, z towards the camera; the wrist is the origin.

/** Knuckles, from the index to the little finger, and the lengths of the three bones from there. */
const FINGERS = [
  { base: [0.27, 0.96, 0], bones: [0.47, 0.28, 0.22] },
  { base: [0.08, 1.0, 0.02], bones: [0.53, 0.32, 0.24] },
  { base: [-0.11, 0.95, 0], bones: [0.49, 0.3, 0.22] },
  { base: [-0.28, 0.84, -0.03], bones: [0.38, 0.22, 0.19] },
];

/** The thumb's four joints, as it is held. */
const THUMBS = {
  out: [
    [0.2, 0.2, 0.08],
    [0.46, 0.44, 0.12],
    [0.73, 0.62, 0.1],
    [0.97, 0.77, 0.06],
  ],
  across: [
    [0.2, 0.22, 0.14],
    [0.35, 0.52, 0.3],
    [0.2, 0.76, 0.52],
    [-0.02, 0.84, 0.56],
  ],
  flat: [
    [0.2, 0.22, 0.14],
    [0.36, 0.5, 0.26],
    [0.18, 0.66, 0.36],
    [-0.06, 0.68, 0.36],
  ],
  ring: [
    [0.22, 0.2, 0.12],
    [0.44, 0.5, 0.3],
    [0.36, 0.78, 0.5],
    [0.2, 0.92, 0.62],
  ],
};

/** Bends of a finger at its three joints, towards the palm, in degrees. */
const STRAIGHT = [4, 6, 4];
const CURLED = [78, 100, 55];
const ROUND = [52, 62, 40];

/** How the letters are held: bends from the index to the little finger, sideways angles in degrees, and the thumb. */
const POSES = {
  b: { bends: [STRAIGHT, STRAIGHT, STRAIGHT, STRAIGHT], spread: [1, 0, -1, -3], thumb: 'flat' },
  d: { bends: [STRAIGHT, ROUND, ROUND, ROUND], spread: [2, 4, 2, 0], thumb: 'ring' },
  l: { bends: [STRAIGHT, CURLED, CURLED, CURLED], spread: [2, 1, -1, -3], thumb: 'out' },
  v: { bends: [STRAIGHT, STRAIGHT, CURLED, CURLED], spread: [15, -9, -1, -3], thumb: 'across' },
  w: { bends: [STRAIGHT, STRAIGHT, STRAIGHT, CURLED], spread: [16, 0, -16, 2], thumb: 'across' },
  y: { bends: [CURLED, CURLED, CURLED, STRAIGHT], spread: [2, 1, -1, -30], thumb: 'out' },
};

/** The letters that can be posed. */
export const LETTERS = Object.keys(POSES);

/** The 21 joints of a letter, wrist 0, thumb 1–4, index 5–8, … little finger 17–20. */
export function poseHand(letter) {
  const pose = POSES[letter];
  if (pose === undefined) throw new Error(`There is no pose for "${letter}", only for ${LETTERS.join(', ')}.`);
  const fingers = FINGERS.flatMap(({ base, bones }, i) => bendFinger(base, bones, pose.bends[i], pose.spread[i]));
  return [[0, 0, 0], ...THUMBS[pose.thumb], ...fingers];
}

/** From the knuckle to the tip: bone by bone in a plane that stands on the palm, turned sideways by `spread`. */
function bendFinger(base, bones, bends, spread) {
  const joints = [base];
  let [x, y, z] = base;
  let bend = 0;
  bones.forEach((length, i) => {
    bend += radians(bends[i]);
    const reach = length * Math.cos(bend);
    x += reach * Math.sin(radians(spread));
    y += reach * Math.cos(radians(spread));
    z += length * Math.sin(bend);
    joints.push([x, y, z]);
  });
  return joints;
}

function radians(degrees) {
  return (degrees * Math.PI) / 180;
}
