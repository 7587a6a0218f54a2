import { convolveItem } from './convolution';
import { depthwiseItem } from './depthwise';
import { Control, Field, Kind } from './fields';
import { multiplyItem } from './product';
import { combineItem, globalPoolItem, importInput, padItem, poolItem, reshape } from './simple';
import { stemItem } from './stem';
import { field } from './vector';

/** Does one part of a step. */
export function execute(step: usize, item: i32, thread: i32): void {
  const scratch = <usize>load<u32>(Control.Scratch) + <usize>thread * <usize>load<u32>(Control.ScratchBytes);
  const owner = <usize>Control.Threads + (<usize>thread << 6);
  switch (field(step, Field.Kind)) {
    case Kind.Product:
      return multiplyItem(step, item);
    case Kind.Convolution:
      // Whatever a depthwise step left there is gone.
      store<u32>(owner, 0);
      return convolveItem(step, item, scratch);
    case Kind.Stem:
      return stemItem(step, item);
    case Kind.Depthwise:
      return depthwiseItem(step, item, scratch, owner);
    case Kind.MaxPool:
    case Kind.AveragePool:
      return poolItem(step, item);
    case Kind.GlobalMaxPool:
    case Kind.GlobalAveragePool:
      return globalPoolItem(step, item);
    case Kind.Combine:
      return combineItem(step, item);
    case Kind.Pad:
      return padItem(step, item);
    case Kind.Reshape:
      return reshape(step);
    case Kind.Import:
      return importInput(step);
  }
}
