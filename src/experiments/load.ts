/** Reads the data of an experiment. Node only. */
import type { ExperimentDeclaration, SetRequest } from './declaration.ts';
import { checkDisjoint } from './disjoint.ts';
import { loadImages } from './load-images.ts';
import { loadTexts } from './load-texts.ts';
import type { LoadedData } from './loaded-data.ts';
import type { ExperimentOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** @throws OutlierExposureError when data are missing or do not fit */
export async function loadData(
  declaration: ExperimentDeclaration,
  options: ExperimentOptions,
  plan: Plan,
): Promise<LoadedData> {
  const { seed = 1, folder, files = {}, signal, onProgress } = options;
  const request: SetRequest = {
    folder,
    files,
    seed,
    training: Object.keys(plan.models).length > 0 ? 'wanted' : 'not wanted',
    signal,
    onProgress,
  };
  const data = await (declaration.examples === 'images'
    ? loadImages(declaration, options, plan, request)
    : loadTexts(declaration, options, plan, request));
  try {
    await checkDisjoint(data, { overlap: options.overlap ?? 'tell', signal });
  } catch (error) {
    await data.close();
    throw error;
  }
  return data;
}
