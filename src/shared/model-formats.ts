/** Models that can be opened, in words and by the ends of their file names; the importers know more of each. */

export const MODEL_FORMATS =
  'TF.js LayersModel or GraphModel (model.json or its folder), Keras (.h5, .keras, or .weights.h5 beside its .json), ' +
  'ONNX, TensorFlow SavedModel (its folder) or frozen graph (.pb), MatConvNet (.mat)'

/** Without the dot, for the dialogs that choose a file. */
export const MODEL_FILE_ENDINGS = ['json', 'h5', 'hdf5', 'keras', 'onnx', 'pb', 'mat'] as const

/** Ends of the names of PyTorch's files; `.bin` and `.ckpt` have other owners too. */
export const PYTORCH_ENDINGS = ['.pt', '.pth', '.safetensors', '.bin', '.ckpt'] as const

/** Why none of them is opened, and what to do. Followed by `PYTORCH_EXPORT`. */
export const PYTORCH_SENTENCE =
  'PyTorch files are never opened here: most are Python pickles, which can run any program when they are read, and ' +
  'the others hold weights without the network. Save the network as ONNX where it was trained, with its own height ' +
  'and width in place of 224:'

export const PYTORCH_EXPORT = [
  'import torch',
  'model.eval()',
  'torch.onnx.export(model, torch.zeros(1, 3, 224, 224), "model.onnx")',
] as const
