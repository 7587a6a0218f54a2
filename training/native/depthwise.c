/* Depthwise convolution with its gradients for channels-last float32 tensors on the CPU.
 *
 * PyTorch's own gradient of a channels-last depthwise convolution costs several times its forward
 * pass. Here each image is walked in chunks of 16 channels (one cache line): the chunk is copied
 * once into a padded buffer that stays in the cache, ReLU6 before and after is done in passing.
 * Layout: x N×H×W×C, w K×K×C, y N×P×Q×C. C must be a multiple of 8.
 */
#include <stdlib.h>
#include <string.h>

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef int i8 __attribute__((vector_size(32)));
#define LANES 8
#define CHUNK 16

static inline v8 load(const float *p) { return *(const v8 *)p; }
static inline void store(float *p, v8 v) { *(v8 *)p = v; }
static inline v8 pick(i8 mask, v8 v) { return (v8)(mask & (i8)v); }
static inline v8 relu6(v8 v) {
  const v8 zero = {0}, six = zero + 6.0f;
  const i8 over = v > six;
  v = pick(v > zero, v);
  return (v8)((over & (i8)six) | (~over & (i8)v));
}
/* 1 where ReLU6 passes the gradient: its result lies strictly between 0 and 6. */
static inline i8 open6(v8 v) {
  const v8 zero = {0}, six = zero + 6.0f;
  return (v > zero) & (v < six);
}

typedef struct {
  int n, h, w, c, p, q, k, stride, top, left, relu_in, relu_out;
} shape_t;

/* The buffer's size: one output pixel reads k×k from (y·stride, x·stride). */
static int padded_h(const shape_t *s) { return (s->p - 1) * s->stride + s->k; }
static int padded_w(const shape_t *s) { return (s->q - 1) * s->stride + s->k + 3 * s->stride; }

/* Copies `lanes` channels of one image into the middle of a zeroed buffer of CHUNK-wide pixels. */
static void gather(const float *x, int h, int w, int c, int lanes, float *buffer, int bh, int bw, int top, int left, int relu) {
  memset(buffer, 0, sizeof(float) * bh * bw * CHUNK);
  for (int y = 0; y < h && y + top < bh; y++)
    for (int i = 0; i < w && i + left < bw; i++) {
      const float *from = x + ((long)y * w + i) * c;
      float *to = buffer + ((long)(y + top) * bw + i + left) * CHUNK;
      for (int l = 0; l < lanes; l += LANES) store(to + l, relu ? relu6(load(from + l)) : load(from + l));
    }
}

/* Four neighbouring outputs at a time, so that each weight is loaded once for four products. */
static inline __attribute__((always_inline)) void convolve_row(const float *in, const float *w, v8 b0, v8 b1, float *out,
                                                               int q, int bw, int k, int stride) {
  for (int x = 0; x < q; x += 4) {
    v8 a[4][2];
    for (int j = 0; j < 4; j++) { a[j][0] = b0; a[j][1] = b1; }
    for (int ky = 0; ky < k; ky++)
      for (int kx = 0; kx < k; kx++) {
        const float *tap = w + (ky * k + kx) * CHUNK, *p = in + ((long)ky * bw + x * stride + kx) * CHUNK;
        v8 w0 = load(tap), w1 = load(tap + LANES);
        for (int j = 0; j < 4; j++) {
          a[j][0] += w0 * load(p + j * stride * CHUNK);
          a[j][1] += w1 * load(p + j * stride * CHUNK + LANES);
        }
      }
    for (int j = 0; j < 4; j++) { store(out + (x + j) * CHUNK, a[j][0]); store(out + (x + j) * CHUNK + LANES, a[j][1]); }
  }
}
static void convolve(const float *in, const float *w, v8 b0, v8 b1, float *out, int q, int bw, int k, int stride) {
  if (k == 3 && stride == 1) convolve_row(in, w, b0, b1, out, q, bw, 3, 1);
  else if (k == 3) convolve_row(in, w, b0, b1, out, q, bw, 3, 2);
  else if (stride == 1) convolve_row(in, w, b0, b1, out, q, bw, 5, 1);
  else convolve_row(in, w, b0, b1, out, q, bw, 5, 2);
}

static void chunk_weights(const float *w, int kk, int c, int lanes, int flip, float *out) {
  memset(out, 0, sizeof(float) * kk * CHUNK);
  for (int t = 0; t < kk; t++)
    for (int l = 0; l < lanes; l++) out[(flip ? kk - 1 - t : t) * CHUNK + l] = w[t * c + l];
}

void depthwise_forward(const float *x, const float *w, const float *bias, float *y, const shape_t *s) {
  const int bh = padded_h(s), bw = padded_w(s);
#pragma omp parallel
  {
    float *buffer = aligned_alloc(64, sizeof(float) * bh * bw * CHUNK);
    float *row = aligned_alloc(64, sizeof(float) * (s->q + 4) * CHUNK);
    float taps[25 * CHUNK] __attribute__((aligned(64)));
#pragma omp for schedule(static)
    for (int n = 0; n < s->n; n++)
      for (int c = 0; c < s->c; c += CHUNK) {
        const int lanes = s->c - c < CHUNK ? s->c - c : CHUNK;
        v8 b0 = {0}, b1 = {0};
        if (bias) { b0 = load(bias + c); if (lanes > LANES) b1 = load(bias + c + LANES); }
        chunk_weights(w + c, s->k * s->k, s->c, lanes, 0, taps);
        gather(x + (long)n * s->h * s->w * s->c + c, s->h, s->w, s->c, lanes, buffer, bh, bw, s->top, s->left, s->relu_in);
        for (int p = 0; p < s->p; p++) {
          convolve(buffer + (long)p * s->stride * bw * CHUNK, taps, b0, b1, row, s->q, bw, s->k, s->stride);
          float *to = y + ((long)n * s->p + p) * s->q * s->c + c;
          for (int q = 0; q < s->q; q++)
            for (int l = 0; l < lanes; l += LANES) {
              v8 v = load(row + q * CHUNK + l);
              store(to + (long)q * s->c + l, s->relu_out ? relu6(v) : v);
            }
        }
      }
    free(buffer); free(row);
  }
}

/* dw of one image: per kernel row, k accumulators of two vectors stay in registers. */
static inline __attribute__((always_inline)) void weight_row(const float *g, const float *in, float *dw, int q, int k, int stride) {
  v8 a[5][2];
  for (int kx = 0; kx < k; kx++) { a[kx][0] = load(dw + kx * CHUNK); a[kx][1] = load(dw + kx * CHUNK + LANES); }
  for (int x = 0; x < q; x++) {
    v8 g0 = load(g + x * CHUNK), g1 = load(g + x * CHUNK + LANES);
    const float *p = in + (long)x * stride * CHUNK;
    for (int kx = 0; kx < k; kx++) { a[kx][0] += g0 * load(p + kx * CHUNK); a[kx][1] += g1 * load(p + kx * CHUNK + LANES); }
  }
  for (int kx = 0; kx < k; kx++) { store(dw + kx * CHUNK, a[kx][0]); store(dw + kx * CHUNK + LANES, a[kx][1]); }
}
/* dx for stride 2: each output's gradient is spread over the k×k pixels it came from. */
static inline __attribute__((always_inline)) void scatter_row(const float *g, const float *w, float *dx, int q, int bw, int k, int stride) {
  for (int x = 0; x < q; x++) {
    v8 g0 = load(g + x * CHUNK), g1 = load(g + x * CHUNK + LANES);
    for (int ky = 0; ky < k; ky++)
      for (int kx = 0; kx < k; kx++) {
        float *p = dx + ((long)ky * bw + x * stride + kx) * CHUNK;
        const float *tap = w + (ky * k + kx) * CHUNK;
        store(p, load(p) + g0 * load(tap));
        store(p + LANES, load(p + LANES) + g1 * load(tap + LANES));
      }
  }
}

/* dx, dw (zeroed by the caller) and db (zeroed) from dy; y is the forward result (for its ReLU6). */
void depthwise_backward(const float *x, const float *w, const float *y, const float *dy, float *dx, float *dw, float *db,
                        const shape_t *s) {
  const int bh = padded_h(s), bw = padded_w(s), k = s->k, kk = k * k;
  /* With stride 1 dx is a convolution of the padded dy with the flipped kernel. */
  const int gt = s->stride == 1 ? k - 1 - s->top : 0, gl = s->stride == 1 ? k - 1 - s->left : 0;
  const int gh = s->stride == 1 ? s->h + k - 1 : s->p, gw = s->stride == 1 ? s->w + k - 1 + 3 : s->q;
#pragma omp parallel
  {
    float *buffer = aligned_alloc(64, sizeof(float) * bh * bw * CHUNK), *g = aligned_alloc(64, sizeof(float) * gh * gw * CHUNK);
    float *spread = aligned_alloc(64, sizeof(float) * bh * bw * CHUNK), *row = aligned_alloc(64, sizeof(float) * (s->w + 4) * CHUNK);
    float *mine = calloc((long)(kk + 1) * (s->c + CHUNK), sizeof(float));  /* chunk by chunk: kk taps, then the bias */
    float taps[25 * CHUNK] __attribute__((aligned(64)));
#pragma omp for schedule(static)
    for (int n = 0; n < s->n; n++)
      for (int c = 0; c < s->c; c += CHUNK) {
        const int lanes = s->c - c < CHUNK ? s->c - c : CHUNK;
        float *part = mine + (long)(kk + 1) * c;
        gather(x + (long)n * s->h * s->w * s->c + c, s->h, s->w, s->c, lanes, buffer, bh, bw, s->top, s->left, s->relu_in);
        memset(g, 0, sizeof(float) * gh * gw * CHUNK);
        v8 sum0 = {0}, sum1 = {0};
        for (int p = 0; p < s->p; p++)
          for (int q = 0; q < s->q; q++) {
            const long at = (((long)n * s->p + p) * s->q + q) * s->c + c;
            float *to = g + ((long)(p + gt) * gw + q + gl) * CHUNK;
            v8 v = load(dy + at);
            if (s->relu_out) v = pick(open6(load(y + at)), v);
            store(to, v); sum0 += v;
            if (lanes > LANES) {
              v = load(dy + at + LANES);
              if (s->relu_out) v = pick(open6(load(y + at + LANES)), v);
              store(to + LANES, v); sum1 += v;
            }
          }
        store(part + kk * CHUNK, load(part + kk * CHUNK) + sum0);
        store(part + kk * CHUNK + LANES, load(part + kk * CHUNK + LANES) + sum1);
        for (int p = 0; p < s->p; p++)
          for (int ky = 0; ky < k; ky++) {
            const float *gr = g + ((long)(p + gt) * gw + gl) * CHUNK, *in = buffer + (long)(p * s->stride + ky) * bw * CHUNK;
            if (k == 3 && s->stride == 1) weight_row(gr, in, part + ky * 3 * CHUNK, s->q, 3, 1);
            else if (k == 3) weight_row(gr, in, part + ky * 3 * CHUNK, s->q, 3, 2);
            else if (s->stride == 1) weight_row(gr, in, part + ky * 5 * CHUNK, s->q, 5, 1);
            else weight_row(gr, in, part + ky * 5 * CHUNK, s->q, 5, 2);
          }
        chunk_weights(w + c, kk, s->c, lanes, s->stride == 1, taps);
        if (s->stride != 1) {
          memset(spread, 0, sizeof(float) * bh * bw * CHUNK);
          for (int p = 0; p < s->p; p++) {
            float *to = spread + (long)p * s->stride * bw * CHUNK;
            if (k == 3) scatter_row(g + (long)p * gw * CHUNK, taps, to, s->q, bw, 3, 2);
            else scatter_row(g + (long)p * gw * CHUNK, taps, to, s->q, bw, 5, 2);
          }
        }
        for (int h = 0; h < s->h; h++) {
          const v8 none = {0};
          const float *from = spread + ((long)(h + s->top) * bw + s->left) * CHUNK;
          if (s->stride == 1) { convolve(g + (long)h * gw * CHUNK, taps, none, none, row, s->w, gw, k, 1); from = row; }
          const int reached = s->stride == 1 || h + s->top < bh;
          for (int i = 0; i < s->w; i++) {
            const long at = (((long)n * s->h + h) * s->w + i) * s->c + c;
            for (int l = 0; l < lanes; l += LANES) {
              v8 v = reached ? load(from + i * CHUNK + l) : none;
              if (s->relu_in) v = pick(open6(load(x + at + l)), v);
              store(dx + at + l, v);
            }
          }
        }
      }
#pragma omp critical
    for (int c = 0; c < s->c; c += CHUNK) {
      const float *part = mine + (long)(kk + 1) * c;
      for (int l = 0; l < CHUNK && c + l < s->c; l++) {
        for (int t = 0; t < kk; t++) dw[t * s->c + c + l] += part[t * CHUNK + l];
        db[c + l] += part[kk * CHUNK + l];
      }
    }
    free(buffer); free(g); free(spread); free(row); free(mine);
  }
}
