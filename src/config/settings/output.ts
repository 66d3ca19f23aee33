/** Settings of what comes out. */
import { file } from '../kinds.ts';
import { setting } from '../setting.ts';

export const outputSettings = {
  out: setting({
    kind: file,
    group: 'output',
    required: 'both',
    description: 'where the model goes (.onnx); its record goes beside it (.training.json)',
  }),
};
