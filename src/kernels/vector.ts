import { Activation } from './fields';

/** `sum` + `a` · `b`: rounded once where the processor can (relaxed SIMD), else twice. */
@inline
export function fma(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** Lower limit of an activation's result. NaN stays NaN: what is broken must be seen. */
@inline
export function lowOf(activation: i32): v128 {
  return f32x4.splat(activation == Activation.Linear ? -Infinity : 0);
}

@inline
export function highOf(activation: i32): v128 {
  return f32x4.splat(activation == Activation.Relu6 ? 6 : Infinity);
}

@inline
export function clamp(x: v128, low: v128, high: v128): v128 {
  // One instruction each; `f32x4.max` and `min` are many on x86, for the sake of −0.
  return f32x4.pmin(f32x4.pmax(x, low), high);
}

@inline
export function field(step: usize, name: i32): i32 {
  return load<i32>(step + (<usize>name << 2));
}

@inline
export function pointer(step: usize, name: i32): usize {
  return <usize>load<u32>(step + (<usize>name << 2));
}
