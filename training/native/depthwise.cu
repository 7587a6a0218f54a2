// Depthwise convolution, N×H×W×C bfloat16 with float32 weights, ReLU6 before and after it, and its gradients. A thread
// owns two neighbouring channels: what a warp reads is contiguous. PyTorch's own kernels take several times as long.
#include <cuda_bf16.h>

typedef __nv_bfloat162 Pair;

// n, height, width, channels, output height, output width, kernel, stride, padding above, padding left, ReLU6 in, out
struct Shape { int n, h, w, c, oh, ow, k, s, top, left, in, out; };

__device__ inline float2 relu6(float2 v) {
  return make_float2(fminf(fmaxf(v.x, 0.f), 6.f), fminf(fmaxf(v.y, 0.f), 6.f));
}
// ReLU6 as stored in bfloat16 lets its gradient through strictly between 0 and 6.
__device__ inline float2 gate(float2 g, float2 v) {
  return make_float2(v.x > 0.f && v.x < 6.f ? g.x : 0.f, v.y > 0.f && v.y < 6.f ? g.y : 0.f);
}
__device__ inline float2 load(const Pair* p, size_t i) { return __bfloat1622float2(p[i]); }
__device__ inline void add(float2& a, float2 x, float2 y) { a.x = fmaf(x.x, y.x, a.x); a.y = fmaf(x.y, y.y, a.y); }

constexpr int STRIP = 4;  // neighbouring pixels of a thread

template <int K, int S>
__global__ void forward(const Pair* x, const float2* taps, const float2* bias, Pair* y, Shape q) {
  const int half = q.c / 2, strips = (q.ow + STRIP - 1) / STRIP;
  const size_t id = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
  if (id >= (size_t)q.n * q.oh * strips * half) return;
  const int c = id % half, strip = id / half % strips;
  const int oy = id / half / strips % q.oh, n = id / half / strips / q.oh;
  const int ox = strip * STRIP;
  float2 sum[STRIP];
  for (int i = 0; i < STRIP; i++) sum[i] = bias ? bias[c] : make_float2(0.f, 0.f);
#pragma unroll
  for (int ky = 0; ky < K; ky++) {
    const int iy = oy * S + ky - q.top;
    if (iy < 0 || iy >= q.h) continue;
    float2 tap[K];
#pragma unroll
    for (int kx = 0; kx < K; kx++) tap[kx] = taps[(ky * K + kx) * half + c];
    const Pair* row = x + ((size_t)n * q.h + iy) * q.w * half + c;
#pragma unroll
    for (int j = 0; j < S * (STRIP - 1) + K; j++) {
      const int ix = ox * S + j - q.left;
      if (ix < 0 || ix >= q.w) continue;
      float2 v = load(row, (size_t)ix * half);
      if (q.in) v = relu6(v);
#pragma unroll
      for (int i = 0; i < STRIP; i++)
        if (j - i * S >= 0 && j - i * S < K) add(sum[i], v, tap[j - i * S]);
    }
  }
  for (int i = 0; i < STRIP && ox + i < q.ow; i++) {
    const float2 v = q.out ? relu6(sum[i]) : sum[i];
    y[(((size_t)n * q.oh + oy) * q.ow + ox + i) * half + c] = __float22bfloat162_rn(v);
  }
}

template <int K, int S>
__global__ void gradient(const Pair* x, const float2* taps, const Pair* y, const Pair* dy, Pair* dx, Shape q) {
  const int half = q.c / 2, strips = (q.w + STRIP - 1) / STRIP;
  const size_t id = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
  if (id >= (size_t)q.n * q.h * strips * half) return;
  const int c = id % half, strip = id / half % strips;
  const int iy = id / half / strips % q.h, n = id / half / strips / q.h;
  const int ix = strip * STRIP;
  float2 sum[STRIP];
  for (int i = 0; i < STRIP; i++) sum[i] = make_float2(0.f, 0.f);
#pragma unroll
  for (int ky = 0; ky < K; ky++) {
    const int up = iy + q.top - ky;
    if (up < 0 || up % S || up / S >= q.oh) continue;
    float2 tap[K];
#pragma unroll
    for (int kx = 0; kx < K; kx++) tap[kx] = taps[(ky * K + kx) * half + c];
    const size_t row = ((size_t)n * q.oh + up / S) * q.ow * half + c;
    // outputs that these inputs reach: from (ix + left − K + 1) / S to (ix + STRIP − 1 + left) / S
#pragma unroll
    for (int j = 0; j < STRIP + K - 1; j++) {
      const int over = ix + q.left - (K - 1) + j;  // = S · ox
      if (over < 0 || over % S || over / S >= q.ow) continue;
      const size_t at = row + (size_t)(over / S) * half;
      float2 g = load(dy, at);
      if (q.out) g = gate(g, load(y, at));
#pragma unroll
      for (int i = 0; i < STRIP; i++) {
        const int kx = i + (K - 1) - j;
        if (kx >= 0 && kx < K) add(sum[i], g, tap[kx]);
      }
    }
  }
  for (int i = 0; i < STRIP && ix + i < q.w; i++) {
    const size_t at = (((size_t)n * q.h + iy) * q.w + ix + i) * half + c;
    dx[at] = __float22bfloat162_rn(q.in ? gate(sum[i], load(x, at)) : sum[i]);
  }
}

constexpr int LANES = 8, ROWS = 32;  // channel pairs and rows of a block

template <int K, int S>
__global__ void weights(const Pair* x, const Pair* y, const Pair* dy, float* dw, float* db, Shape q) {
  const int half = q.c / 2, c = blockIdx.x * LANES + threadIdx.x;
  float2 sum[K * K], total = make_float2(0.f, 0.f);
#pragma unroll
  for (int i = 0; i < K * K; i++) sum[i] = make_float2(0.f, 0.f);
  if (c < half)
    for (int r = blockIdx.y * ROWS + threadIdx.y; r < q.n * q.oh; r += gridDim.y * ROWS) {
      const int oy = r % q.oh, n = r / q.oh;
      const size_t out = (size_t)r * q.ow * half + c;
      float2 seen[K][K];  // the window, moved along the row
#pragma unroll
      for (int ky = 0; ky < K; ky++)
#pragma unroll
        for (int kx = 0; kx < K; kx++) {
          const int iy = oy * S + ky - q.top, ix = kx - S - q.left;
          seen[ky][kx] = kx >= S && iy >= 0 && iy < q.h && ix >= 0 && ix < q.w
              ? load(x, (((size_t)n * q.h + iy) * q.w + ix) * half + c) : make_float2(0.f, 0.f);
          if (q.in) seen[ky][kx] = relu6(seen[ky][kx]);
        }
      for (int ox = 0; ox < q.ow; ox++) {
        float2 g = load(dy, out + (size_t)ox * half);
        if (q.out) g = gate(g, load(y, out + (size_t)ox * half));
#pragma unroll
        for (int ky = 0; ky < K; ky++) {
          const int iy = oy * S + ky - q.top;
#pragma unroll
          for (int kx = 0; kx < K; kx++) {
            if (kx + S < K) seen[ky][kx] = seen[ky][kx + S];
            else {
              const int ix = ox * S + kx - q.left;
              float2 v = iy >= 0 && iy < q.h && ix >= 0 && ix < q.w
                  ? load(x, (((size_t)n * q.h + iy) * q.w + ix) * half + c) : make_float2(0.f, 0.f);
              seen[ky][kx] = q.in ? relu6(v) : v;
            }
            add(sum[ky * K + kx], g, seen[ky][kx]);
          }
        }
        total.x += g.x;
        total.y += g.y;
      }
    }
  __shared__ float2 shared[ROWS][LANES];
#pragma unroll
  for (int i = 0; i <= K * K; i++) {
    shared[threadIdx.y][threadIdx.x] = i < K * K ? sum[i < K * K ? i : 0] : total;
    __syncthreads();
    for (int rows = ROWS / 2; rows; rows /= 2) {
      if (threadIdx.y < rows) {
        shared[threadIdx.y][threadIdx.x].x += shared[threadIdx.y + rows][threadIdx.x].x;
        shared[threadIdx.y][threadIdx.x].y += shared[threadIdx.y + rows][threadIdx.x].y;
      }
      __syncthreads();
    }
    if (threadIdx.y == 0 && c < half) {
      float* to = i < K * K ? dw + i * q.c : db;
      atomicAdd(to + 2 * c, shared[0][threadIdx.x].x);
      atomicAdd(to + 2 * c + 1, shared[0][threadIdx.x].y);
    }
    __syncthreads();
  }
}

static int blocks(size_t threads) { return (int)((threads + 255) / 256); }

#define EACH(name, ...)                                              \
  if (q.k == 3 && q.s == 1) name<3, 1> __VA_ARGS__;                  \
  else if (q.k == 3) name<3, 2> __VA_ARGS__;                         \
  else if (q.s == 1) name<5, 1> __VA_ARGS__;                         \
  else name<5, 2> __VA_ARGS__;

extern "C" int depthwise_forward(const Pair* x, const float2* taps, const float2* bias, Pair* y, const Shape* shape,
                                 cudaStream_t stream) {
  const Shape q = *shape;
  const int grid = blocks((size_t)q.n * q.oh * ((q.ow + STRIP - 1) / STRIP) * (q.c / 2));
  EACH(forward, <<<grid, 256, 0, stream>>>(x, taps, bias, y, q))
  return cudaGetLastError();
}

// dw and db must be zero.
extern "C" int depthwise_backward(const Pair* x, const float2* taps, const Pair* y, const Pair* dy, Pair* dx, float* dw,
                                  float* db, const Shape* shape, cudaStream_t stream) {
  const Shape q = *shape;
  const int grid = blocks((size_t)q.n * q.h * ((q.w + STRIP - 1) / STRIP) * (q.c / 2));
  EACH(gradient, <<<grid, 256, 0, stream>>>(x, taps, y, dy, dx, q))
  const int columns = (q.c / 2 + LANES - 1) / LANES, rows = (q.n * q.oh + ROWS - 1) / ROWS, most = 4096 / columns + 1;
  EACH(weights, <<<dim3(columns, rows < most ? rows : most), dim3(LANES, ROWS), 0, stream>>>(x, y, dy, dw, db, q))
  return cudaGetLastError();
}
