/** The data of an experiment with images. Node only. */
import type { ImageShape, ImageSource } from '../data/index.ts';
import { subset } from '../data/subset.ts';
import { OutlierExposureError } from '../errors.ts';
import { normalizationOf } from '../nn/index.ts';
import { type ContactSheet, contactSheet } from './contact-sheet.ts';
import type { ImageDeclaration, SetRequest } from './declaration.ts';
import type { LoadedData } from './loaded-data.ts';
import type { ExperimentOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { classesOf, setsOf } from './sets.ts';
import { newNetwork, trainedElsewhere } from './start.ts';
import { setsByRole } from './summarize.ts';

/** How many pictures of each set the contact sheets show. */
const SHEET = 12;

export async function loadImages(
  declaration: ImageDeclaration,
  options: ExperimentOptions,
  plan: Plan,
  common: SetRequest,
): Promise<LoadedData> {
  const opened: ImageSource[] = [];
  const close = async () => {
    await Promise.all(opened.map((source) => source.close?.()));
  };
  try {
    return { ...(await load(declaration, options, plan, common, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param opened gets every set that was opened, for whoever closes them */
async function load(
  declaration: ImageDeclaration,
  options: ExperimentOptions,
  plan: Plan,
  common: SetRequest,
  opened: ImageSource[],
): Promise<Omit<LoadedData, 'close'>> {
  const { seed = 1, draws = 1, from, files = {} } = options;
  const { shape } = declaration;
  const request = { ...common, shape };
  const inliers = await declaration.loadInliers(request);
  opened.push(...setsOf(inliers));
  const start = {
    network: plan.network,
    shape,
    classes: files.train || files.test ? classesOf(inliers) : declaration.classes,
    normalization: plan.normalization,
  };
  const elsewhere = from === undefined ? undefined : await trainedElsewhere(from, start);
  if (inliers.train && plan.trainSize !== undefined) {
    const part = declaration.trainPart === 'drawn' ? { seed } : {};
    inliers.train = subset(inliers.train, Math.min(plan.trainSize, inliers.train.length), part);
  }
  const normalization = elsewhere ? normalizationOf(elsewhere.model) : plan.normalization;
  const outliers = await declaration.loadOutliers({
    ...request,
    outliers: options.outliers,
    exclude: options.exclude,
    exposure: plan.names.length > 1 ? 'wanted' : 'not wanted',
    inliers,
    noiseCount: Math.max(1, Math.floor(inliers.test.length * declaration.outRatio)) * draws,
    normalization,
  });
  opened.push(...setsOf(outliers));
  checkShapes([...setsOf(inliers), ...setsOf(outliers)], shape);
  return {
    inliers,
    outliers,
    newModel: (modelSeed) => newNetwork(start, modelSeed),
    elsewhere,
    config: normalization ? { normalization } : {},
    sheets: async () => {
      const pictures: ContactSheet[] = [];
      for (const { role, source } of setsByRole(inliers, outliers))
        pictures.push(await contactSheet(source, role, { count: SHEET, seed }));
      return pictures;
    },
  };
}

function checkShapes(sets: readonly ImageSource[], wanted: ImageShape): void {
  const other = sets.find(({ shape }) => shape.some((side, i) => side !== wanted[i]));
  if (!other) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `"${other.name}" has images of the shape [${other.shape.join(', ')}], but the experiment needs [${wanted.join(', ')}].`,
  );
}
