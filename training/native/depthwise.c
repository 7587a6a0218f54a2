/* Depthwise convolution with its gradients for channels-last float32 tensors on the CPU.
 *
 * PyTorch's own gradient of a channels-last depthwise convolution costs several times its forward
 * pass. Here each image is walked in chunks of 16 channels (one cache line, one vector of AVX-512): the
 * chunk is copied once into a padded buffer that stays in the cache, ReLU6 before and after is done in
 * passing. Layout: x N×H×W×C, w K×K×C, y N×P×Q×C. C must be a multiple of 8.
 */
#include <stdlib.h>
#include <string.h>
#ifdef __AVX512F__
#include <immintrin.h>
#define LANES 16
#define ROWS 2 /* output rows at a time: with two, enough sums are under way to hide the latency of one */
#else
#define LANES 8
#define ROWS 1
#endif
#define CHUNK 16
#define VECS (CHUNK / LANES)
#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int ints __attribute__((vector_size(4 * LANES)));

INLINE vec load(const float *p) { return *(const vec *)p; }
INLINE void store(float *p, vec v) { *(vec *)p = v; }
#ifdef __AVX512F__
/* `lanes` of a chunk is 8 or 16: the last chunk of a tensor may be half one. */
INLINE vec load_part(const float *p, int lanes) { return (vec)_mm512_maskz_loadu_ps(lanes < 16 ? 0xff : 0xffff, p); }
INLINE void store_part(float *p, vec v, int lanes) { _mm512_mask_storeu_ps(p, lanes < 16 ? 0xff : 0xffff, (__m512)v); }
INLINE vec relu6(vec v) {
  return (vec)_mm512_min_ps(_mm512_max_ps((__m512)v, _mm512_setzero_ps()), _mm512_set1_ps(6.0f));
}
/* g where ReLU6 passes the gradient: where its result lies strictly between 0 and 6. */
INLINE vec pass6(vec v, vec g) {
  const __mmask16 above = _mm512_cmp_ps_mask((__m512)v, _mm512_setzero_ps(), _CMP_GT_OQ);
  return (vec)_mm512_maskz_mov_ps(_mm512_mask_cmp_ps_mask(above, (__m512)v, _mm512_set1_ps(6.0f), _CMP_LT_OQ), (__m512)g);
}
#else
INLINE vec load_part(const float *p, int lanes) { const vec zero = {0}; return lanes > 0 ? load(p) : zero; }
INLINE void store_part(float *p, vec v, int lanes) { if (lanes > 0) store(p, v); }
INLINE vec pick(ints mask, vec v) { return (vec)(mask & (ints)v); }
INLINE vec relu6(vec v) {
  const vec zero = {0}, six = zero + 6.0f;
  const ints over = v > six;
  v = pick(v > zero, v);
  return (vec)((over & (ints)six) | (~over & (ints)v));
}
INLINE vec pass6(vec v, vec g) {
  const vec zero = {0}, six = zero + 6.0f;
  return pick((v > zero) & (v < six), g);
}
#endif

typedef struct {
  int n, h, w, c, p, q, k, stride, top, left, relu_in, relu_out;
} shape_t;

/* The buffer's size: one output pixel reads k×k from (y·stride, x·stride). Tiles may reach over the right border. */
static int padded_h(const shape_t *s) { return (s->p - 1) * s->stride + s->k; }
static int padded_w(const shape_t *s) { return (s->q - 1) * s->stride + s->k + 4 * s->stride; }

static float *buffer_of(long pixels) {
  float *buffer = aligned_alloc(64, sizeof(float) * pixels * CHUNK);
  memset(buffer, 0, sizeof(float) * pixels * CHUNK);
  return buffer;
}

/* Copies `lanes` channels of one image into the middle of a zeroed buffer of CHUNK-wide pixels. */
INLINE void gather(const float *x, int h, int w, int c, int lanes, float *buffer, int bh, int bw, int top, int left, int relu) {
  for (int y = 0; y < h && y + top < bh; y++)
    for (int i = 0; i < w && i + left < bw; i++) {
      const float *from = x + ((long)y * w + i) * c;
      float *to = buffer + ((long)(y + top) * bw + i + left) * CHUNK;
      for (int v = 0; v < VECS; v++) {
        vec value = load_part(from + v * LANES, lanes - v * LANES);
        store(to + v * LANES, relu ? relu6(value) : value);
      }
    }
}

/* rows × cols neighbouring outputs at a time, so that each weight is loaded once for all their products. */
INLINE void tiles(const float *in, const float *w, const vec *bias, float *out, int q, int bw, int kh, int kw, int stride,
                  int rows, int cols) {
  for (int x = 0; x < q; x += cols) {
    vec a[2][5][VECS];
    for (int r = 0; r < rows; r++)
      for (int j = 0; j < cols; j++)
        for (int v = 0; v < VECS; v++) a[r][j][v] = bias[v];
    for (int ky = 0; ky < kh; ky++)
      for (int kx = 0; kx < kw; kx++)
        for (int v = 0; v < VECS; v++) {
          const vec tap = load(w + (ky * kw + kx) * CHUNK + v * LANES);
          for (int r = 0; r < rows; r++)
            for (int j = 0; j < cols; j++)
              a[r][j][v] += tap * load(in + ((long)(ky + r * stride) * bw + (x + j) * stride + kx) * CHUNK + v * LANES);
        }
    for (int r = 0; r < rows; r++)
      for (int j = 0; j < cols; j++)
        for (int v = 0; v < VECS; v++) store(out + (r * (long)(q + 4) + x + j) * CHUNK + v * LANES, a[r][j][v]);
  }
}
/* `rows` rows of q outputs each, q + 4 pixels apart, from in. */
static void convolve(const float *in, const float *w, const vec *bias, float *out, int q, int bw, int kh, int kw, int stride,
                     int rows) {
#define CASE(KH, KW, S, R) \
  if (kh == KH && kw == KW && stride == S && rows == R) { \
    if (q % 5 == 0) tiles(in, w, bias, out, q, bw, KH, KW, S, R, 5); \
    else tiles(in, w, bias, out, q, bw, KH, KW, S, R, 4); \
    return; \
  }
#if ROWS == 2
  CASE(3, 3, 1, 2) CASE(5, 5, 1, 2) CASE(3, 3, 2, 2) CASE(5, 5, 2, 2)
#endif
  CASE(3, 3, 1, 1) CASE(5, 5, 1, 1) CASE(3, 3, 2, 1) CASE(5, 5, 2, 1)
  CASE(1, 1, 1, 1) CASE(1, 2, 1, 1) CASE(2, 1, 1, 1) CASE(2, 2, 1, 1) CASE(2, 3, 1, 1) CASE(3, 2, 1, 1)
#undef CASE
}

/* Every `step`th weight from (ky, kx) on, of one chunk; turned by half a circle where dx needs it so. */
static void chunk_weights(const float *w, int k, int c, int lanes, int ky, int kx, int step, int turn, float *out) {
  const int kh = (k - ky + step - 1) / step, kw = (k - kx + step - 1) / step;
  memset(out, 0, sizeof(float) * kh * kw * CHUNK);
  for (int a = 0; a < kh; a++)
    for (int b = 0; b < kw; b++) {
      const int at = turn ? (kh - 1 - a) * kw + kw - 1 - b : a * kw + b;
      for (int l = 0; l < lanes; l++) out[at * CHUNK + l] = w[((ky + a * step) * k + kx + b * step) * c + l];
    }
}

void depthwise_forward(const float *x, const float *w, const float *bias, float *y, const shape_t *s) {
  const int bh = padded_h(s), bw = padded_w(s);
#pragma omp parallel
  {
    float *buffer = buffer_of((long)bh * bw), *row = buffer_of(2 * (s->q + 4));
    float taps[25 * CHUNK] __attribute__((aligned(64)));
#pragma omp for schedule(static)
    for (int n = 0; n < s->n; n++)
      for (int c = 0; c < s->c; c += CHUNK) {
        const int lanes = s->c - c < CHUNK ? s->c - c : CHUNK;
        vec b[VECS] = {{0}};
        if (bias) for (int v = 0; v < VECS; v++) b[v] = load_part(bias + c + v * LANES, lanes - v * LANES);
        chunk_weights(w + c, s->k, s->c, lanes, 0, 0, 1, 0, taps);
        gather(x + (long)n * s->h * s->w * s->c + c, s->h, s->w, s->c, lanes, buffer, bh, bw, s->top, s->left, s->relu_in);
        for (int p = 0, rows; p < s->p; p += rows) {
          rows = s->p - p < ROWS ? 1 : ROWS;
          convolve(buffer + (long)p * s->stride * bw * CHUNK, taps, b, row, s->q, bw, s->k, s->k, s->stride, rows);
          for (int r = 0; r < rows; r++) {
            float *to = y + ((long)n * s->p + p + r) * s->q * s->c + c;
            for (int q = 0; q < s->q; q++)
              for (int v = 0; v < VECS; v++) {
                const vec value = load(row + ((long)r * (s->q + 4) + q) * CHUNK + v * LANES);
                store_part(to + (long)q * s->c + v * LANES, s->relu_out ? relu6(value) : value, lanes - v * LANES);
              }
          }
        }
      }
    free(buffer); free(row);
  }
}

/* dw of one image and chunk: `rows` kernel rows of k sums stay in registers. */
INLINE void weight_rows(const float *g, int gw, const float *in, int bw, float *dw, int p, int q, int k, int stride, int rows) {
  vec a[5][5][VECS];
  for (int t = 0; t < rows * k * VECS; t++) a[t / (k * VECS)][t / VECS % k][t % VECS] = load(dw + t * LANES);
  for (int y = 0; y < p; y++)
    for (int x = 0; x < q; x++)
      for (int v = 0; v < VECS; v++) {
        const vec gradient = load(g + ((long)y * gw + x) * CHUNK + v * LANES);
        const float *from = in + ((long)y * stride * bw + (long)x * stride) * CHUNK + v * LANES;
        for (int ky = 0; ky < rows; ky++)
          for (int kx = 0; kx < k; kx++) a[ky][kx][v] += gradient * load(from + ((long)ky * bw + kx) * CHUNK);
      }
  for (int t = 0; t < rows * k * VECS; t++) store(dw + t * LANES, a[t / (k * VECS)][t / VECS % k][t % VECS]);
}
static void weight_gradient(const float *g, int gw, const float *in, int bw, float *dw, const shape_t *s) {
#define CASE(K, S) \
  if (s->k == K && s->stride == S) { \
    const int rows = LANES == 16 ? K : 1; /* AVX-512 has registers for all of them */ \
    for (int ky = 0; ky < K; ky += rows) \
      weight_rows(g, gw, in + (long)ky * bw * CHUNK, bw, dw + ky * K * CHUNK, s->p, s->q, K, S, LANES == 16 ? K : 1); \
  }
  CASE(3, 1) CASE(3, 2) CASE(5, 1) CASE(5, 2)
#undef CASE
}

#define EDGE 2 /* zeros around dy for the gradient with stride 2 */

/* dx, dw (zeroed by the caller) and db (zeroed) from dy; y is the forward result (for its ReLU6). */
void depthwise_backward(const float *x, const float *w, const float *y, const float *dy, float *dx, float *dw, float *db,
                        const shape_t *s) {
  const int bh = padded_h(s), bw = padded_w(s), k = s->k, kk = k * k, apart = s->stride == 1 ? s->w + 4 : s->w / 2 + 5;
  /* With stride 1 dx is a convolution of the padded dy with the turned kernel. With stride 2 it is four of them, one for
   * each parity of the pixel's row and column, with every second weight. */
  const int gt = s->stride == 1 ? k - 1 - s->top : EDGE, gl = s->stride == 1 ? k - 1 - s->left : EDGE;
  const int gh = s->stride == 1 ? s->h + k - 1 : s->p + 2 * EDGE, gw = s->stride == 1 ? s->w + k - 1 + 4 : s->q + 2 * EDGE + 5;
#pragma omp parallel
  {
    float *buffer = buffer_of((long)bh * bw), *g = buffer_of((long)gh * gw), *row = buffer_of(2 * apart);
    float *mine = calloc((long)(kk + 1) * (s->c + CHUNK), sizeof(float));  /* chunk by chunk: kk taps, then the bias */
    float taps[4][25 * CHUNK] __attribute__((aligned(64)));
    const vec none[VECS] = {{0}};
#pragma omp for schedule(static)
    for (int n = 0; n < s->n; n++)
      for (int c = 0; c < s->c; c += CHUNK) {
        const int lanes = s->c - c < CHUNK ? s->c - c : CHUNK;
        float *part = mine + (long)(kk + 1) * c;
        gather(x + (long)n * s->h * s->w * s->c + c, s->h, s->w, s->c, lanes, buffer, bh, bw, s->top, s->left, s->relu_in);
        vec sum[VECS] = {{0}};
        for (int p = 0; p < s->p; p++)
          for (int q = 0; q < s->q; q++) {
            const long at = (((long)n * s->p + p) * s->q + q) * s->c + c;
            float *to = g + ((long)(p + gt) * gw + q + gl) * CHUNK;
            for (int v = 0; v < VECS; v++) {
              vec value = load_part(dy + at + v * LANES, lanes - v * LANES);
              if (s->relu_out) value = pass6(load_part(y + at + v * LANES, lanes - v * LANES), value);
              store(to + v * LANES, value);
              sum[v] += value;
            }
          }
        for (int v = 0; v < VECS; v++) store(part + kk * CHUNK + v * LANES, load(part + kk * CHUNK + v * LANES) + sum[v]);
        weight_gradient(g + ((long)gt * gw + gl) * CHUNK, gw, buffer, bw, part, s);
        for (int parity = 0; parity < (s->stride == 1 ? 1 : 4); parity++)
          chunk_weights(w + c, k, s->c, lanes, parity >> 1, parity & 1, s->stride, 1, taps[parity]);
        for (int h = 0, rows; h < s->h; h += rows) {
          rows = s->stride != 1 || s->h - h < ROWS ? 1 : ROWS;
          const int py = (h + s->top) & 1, px = s->left & 1; /* parities of the row and of its first pixel */
          if (s->stride == 1) {
            convolve(g + (long)h * gw * CHUNK, taps[0], none, row, s->w, gw, k, k, 1, rows);
          } else {
            for (int first = 0; first < 2; first++) { /* pixels first, first + 2, … of the row */
              const int kx = px ^ first, kh = (k - py + 1) / 2, kw = (k - kx + 1) / 2;
              const int from_y = (h + s->top - py) / 2 - (kh - 1) + EDGE, from_x = (first + s->left - kx) / 2 - (kw - 1) + EDGE;
              const int count = (s->w - first + 1) / 2;
              convolve(g + ((long)from_y * gw + from_x) * CHUNK, taps[py * 2 + kx], none, row + (long)first * apart * CHUNK,
                       count, gw, kh, kw, 1, 1);
            }
          }
          for (int r = 0; r < rows; r++)
            for (int i = 0; i < s->w; i++) {
              const long at = (((long)n * s->h + h + r) * s->w + i) * s->c + c;
              const float *from = row + (s->stride == 1 ? (long)r * apart + i : (long)(i & 1) * apart + i / 2) * CHUNK;
              for (int v = 0; v < VECS; v++) {
                vec value = load(from + v * LANES);
                if (s->relu_in) value = pass6(load_part(x + at + v * LANES, lanes - v * LANES), value);
                store_part(dx + at + v * LANES, value, lanes - v * LANES);
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
    free(buffer); free(g); free(row); free(mine);
  }
}
