/** One training step of the vision networks with Outlier Exposure, as train() runs it, against PyTorch's. */
import { fileURLToPath } from 'node:url';
import { runChild } from './child.js';
import { THREADS } from './peers.js';
import { inTurns, median, row } from './rows.js';

const CHILD = fileURLToPath(new URL('./network-step-child.js', import.meta.url));
/** Seconds from a network to its first step. */
const SET_UP_LIMIT = 2;

const CASES = [
  { title: 'WRN-40-2', network: 'wrn-40-2', inliers: 16, outliers: 32 },
  { title: 'WRN-40-2', network: 'wrn-40-2', inliers: 43, outliers: 85, large: true },
  { title: 'AllConv', network: 'allconv', inliers: 43, outliers: 85 },
  { title: 'ResNet-20', network: 'resnet-20', inliers: 43, outliers: 85 },
];

export async function run({ quick, python, progress, note, signal }) {
  const [rounds, warmUp, steps] = quick ? [1, 1, 3] : [3, 2, 8];
  const cases = quick ? CASES.filter(({ large }) => !large) : CASES;
  const rows = [];
  for (const { title, network, inliers, outliers } of cases) {
    const name = `${title} step, batch ${inliers} + ${outliers}`;
    progress(name);
    const args = [network, inliers, outliers, warmUp, steps].map(String);
    const peer = (layout) => () =>
      python.run('network_step.py', [...args, THREADS, layout], { needs: 'torch', signal });
    const { ours, ...peers } = await inTurns(rounds, {
      ours: async () => JSON.parse((await runChild([CHILD, ...args], { env: process.env, signal })).stdout),
      PyTorch: peer('contiguous_format'),
      'PyTorch, channels last': peer('channels_last'),
    });
    const middle = (side, key) => side && median(side.map((round) => round[key]));
    for (const [key, what, unit] of [
      ['seconds', name, 's'],
      ['peakBytes', `${name}, resident memory`, 'bytes'],
    ]) {
      for (const [peer, theirs] of Object.entries(peers))
        rows.push(row({ name: what, peer, ours: middle(ours, key), theirs: middle(theirs, key), unit }));
    }
    rows.push(
      row({
        name: `${name}, compile and load`,
        peer: `limit: ${SET_UP_LIMIT} s`,
        ours: middle(ours, 'setUp'),
        theirs: SET_UP_LIMIT,
        unit: 's',
      }),
    );
    compare(title, ours, peers, note);
  }
  return rows;
}

/** Networks that are compared for speed had better be the same size. */
function compare(title, [{ parameters }], peers, note) {
  for (const [peer, rounds] of Object.entries(peers)) {
    if (rounds && rounds[0].parameters !== parameters)
      note(`${title} has ${parameters} parameters here, but ${rounds[0].parameters} in ${peer}.`);
  }
}
