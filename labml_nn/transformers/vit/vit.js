// # The Vision Transformer in the page
//
// The forward pass of the [annotated model](__init__.py) once more, in plain
// JavaScript, so that you can [try it](__init__.py#try-it) there. Read it next to the
// PyTorch page: the names, their order and the equations are the same. A test holds
// both to the same logits and the same attention.
//
// There is no batch here. A tensor is a flat array of numbers, row after row. Only
// weights have a `shape` as well.
"use strict";

// ## Patch embeddings
//
// An image of shape `[channels, height, width]` becomes tokens of shape
// `[patches, d_model]`. In PyTorch this is a convolution whose windows do not overlap.
// Without one we see what it does: flatten each patch to $P^2 C$ numbers, and multiply
// all of them with the same matrix $\mathbf{E}$.
class PatchEmbeddings {
  constructor({ conv }) {
    const [d_model, channels, patch_size] = conv.weight.shape;
    const shape = [d_model, channels * patch_size ** 2];
    this.conv = { weight: { shape, data: conv.weight.data }, bias: conv.bias };
    Object.assign(this, { channels, patch_size });
  }

  forward(x, height, width) {
    const P = this.patch_size;
    const patches = new Float32Array(x.length);
    let end = 0;
    for (let top = 0; top < height; top += P)
      for (let left = 0; left < width; left += P)
        for (let channel = 0; channel < this.channels; channel++)
          for (let row = top; row < top + P; row++)
            for (let column = left; column < left + P; column++)
              patches[end++] = x[(channel * height + row) * width + column];
    return linear(patches, this.conv);
  }
}

// ## Position embeddings
//
// $\mathbf{E}_{pos}$, one vector for each token. **Unlike the PyTorch page**, this one
// does not interpolate: the figure resizes the image instead.
class LearnedPositionalEmbeddings {
  constructor({ positional_encodings }) {
    this.positional_encodings = positional_encodings.data;
  }

  forward(x) {
    if (x.length !== this.positional_encodings.length)
      throw new RangeError("an image of another size than the model was trained on");
    return add(x, this.positional_encodings);
  }
}

// ## Multi-head attention
//
// This is the page on [attention](../mha.py). Equation 6, for the queries $\mathbf{q}$
// and keys $\mathbf{k}$ of one head: each row of the result, $A$, says how much a query
// takes from each key.
//
// $$A = \operatorname{softmax}\!\left(
//   \frac{\mathbf{q}\mathbf{k}^\top}{\sqrt{D_h}}\right)$$
function attention_weights(query, key, d_k) {
  const tokens = key.length / d_k;
  const scores = linear(query, { weight: { shape: [tokens, d_k], data: key } });
  return softmax(scores.map((score) => score / Math.sqrt(d_k)), tokens);
}

// Equations 5, 7 and 8. The heads are columns of the same matrices: head 0 reads the
// first `d_k` numbers of each query, head 1 the next. `weights` keeps the matrix $A$ of
// each head. PyTorch's fast kernels never store it, but the figure shows it.
class MultiHeadAttention {
  constructor({ query, key, value, output }, heads) {
    this.parts = [query.linear, key.linear, value.linear];
    Object.assign(this, { output, heads });
  }

  forward(x) {
    const d_model = this.output.weight.shape[0];
    const d_k = d_model / this.heads;
    const tokens = x.length / d_model;
    const [query, key, value] = this.parts.map((part) => linear(x, part));
    const answers = new Float32Array(x.length);
    this.weights = [];
    for (let head = 0; head < this.heads; head++) {
      const [q, k] = [query, key].map((x) => columns(x, d_model, head * d_k, d_k));
      const A = attention_weights(q, k, d_k);
      for (let row = 0; row < tokens; row++)
        for (let token = 0; token < tokens; token++) {
          const share = A[row * tokens + token];
          for (let column = head * d_k; column < (head + 1) * d_k; column++)
            answers[row * d_model + column] += share * value[token * d_model + column];
        }
      this.weights.push(A);
    }
    return linear(answers, this.output);
  }
}

// ## The feed-forward block
//
// [The same](../feed_forward.py) for every token $\mathbf{z}$: widen, apply GELU,
// project back, with two matrices $W$ and two biases $b$.
//
// $$\operatorname{MLP}(\mathbf{z}) =
//   \operatorname{GELU}(\mathbf{z}W_1 + b_1)\,W_2 + b_2$$
class FeedForward {
  constructor({ layer1, layer2 }) {
    Object.assign(this, { layer1, layer2 });
  }

  forward(x) {
    return linear(linear(x, this.layer1).map(gelu), this.layer2);
  }
}

// ## A layer
//
// Equations 2 and 3, from [the page on the encoder](../models.py): each block reads a
// normalised copy of the residual stream and adds its result to the stream.
class TransformerLayer {
  constructor({ self_attn, feed_forward, norm_self_attn, norm_ff }, heads) {
    this.self_attn = new MultiHeadAttention(self_attn, heads);
    this.feed_forward = new FeedForward(feed_forward);
    Object.assign(this, { norm_self_attn, norm_ff });
  }

  forward(x) {
    x = add(x, this.self_attn.forward(layer_norm(x, this.norm_self_attn)));
    return add(x, this.feed_forward.forward(layer_norm(x, this.norm_ff)));
  }
}

// ## An encoder
class Encoder {
  constructor({ layers, norm }, heads) {
    this.layers = Object.values(layers).map((one) => new TransformerLayer(one, heads));
    this.norm = norm;
  }

  forward(x) {
    for (const layer of this.layers) x = layer.forward(x);
    return layer_norm(x, this.norm);
  }
}

// ## Classification head
class ClassificationHead {
  constructor({ hidden, output }) {
    Object.assign(this, { hidden, output });
  }

  forward(x) {
    if (this.hidden) x = linear(x, this.hidden).map(Math.tanh);
    return linear(x, this.output);
  }
}

// ## The whole model
//
// `heads` and `mean_pooling` are settings that the shapes of the weights do not tell.
// **Unlike the PyTorch page**, there is no `norm_after_pooling`, and the last layer
// computes all tokens, since the figure shows what they look at.
class VisionTransformer {
  constructor(weights, { heads, mean_pooling }) {
    this.mean_pooling = mean_pooling;
    this.patch_emb = new PatchEmbeddings(weights.patch_emb);
    this.pos_emb = new LearnedPositionalEmbeddings(weights.pos_emb);
    this.encoder = new Encoder(weights.encoder, heads);
    this.classification = new ClassificationHead(weights.classification);
    this.cls_token_emb = weights.cls_token_emb.data;
  }

  // `x` is a standardised image of shape `[channels, height, width]`. The result has
  // the `logits`, one for each class, and the `attention` of each layer and head, a
  // matrix of shape `[tokens, tokens]` in which token 0 is the class token.
  forward(x, height, width) {
    const logits = this.classification.forward(this.features(x, height, width));
    const attention = this.encoder.layers.map((layer) => layer.self_attn.weights);
    return { logits, attention };
  }

  // The paper's equation 1, then the layers, and finally the mean of all tokens or, as
  // in equation 4, the class token alone. $\mathbf{z}_0$ is the input of the first
  // layer.
  //
  // $$\mathbf{z}_0 = [\mathbf{x}_\text{class};\, \mathbf{x}_p^1\mathbf{E};\,
  //   \dots;\, \mathbf{x}_p^N\mathbf{E}] + \mathbf{E}_{pos}$$
  features(x, height, width) {
    const d_model = this.cls_token_emb.length;
    const patches = this.patch_emb.forward(x, height, width);
    x = Float32Array.of(...this.cls_token_emb, ...patches);
    x = this.encoder.forward(this.pos_emb.forward(x));
    if (!this.mean_pooling) return x.subarray(0, d_model);
    return x.subarray(0, d_model).map((_, i) => mean(columns(x, d_model, i, 1)));
  }
}

// ## What PyTorch provides
//
// `nn.Linear`: each row of `x` is multiplied with each row of the weight. Nearly all
// the time is spent in the innermost of these loops. It works on two rows of each at a
// time, so every number that it reads is used twice. If there is no second row, the
// first takes its place. Float64 because that is what JavaScript computes with.
function linear(x, { weight: { shape: [n_out, n_in], data }, bias }) {
  const rows = x.length / n_in, y = new Float32Array(rows * n_out);
  const z = new Float64Array(x), weights = new Float64Array(data);
  for (let column = 0; column < n_out; column += 2) {
    const next = Math.min(column + 1, n_out - 1);
    const start = bias ? bias.data[column] : 0, other = bias ? bias.data[next] : 0;
    for (let row = 0; row < rows; row += 2) {
      const below = Math.min(row + 1, rows - 1);
      let a = start, b = start, c = other, d = other;
      for (let i = 0; i < n_in; i++) {
        const u = weights[column * n_in + i], v = weights[next * n_in + i];
        const s = z[row * n_in + i], t = z[below * n_in + i];
        a += u * s;
        b += u * t;
        c += v * s;
        d += v * t;
      }
      y[row * n_out + column] = a;
      y[below * n_out + column] = b;
      y[row * n_out + next] = c;
      y[below * n_out + next] = d;
    }
  }
  return y;
}

// `nn.LayerNorm`, with the same $\epsilon$ as in the [encoder](../models.py).
function layer_norm(x, { weight, bias }) {
  const d_model = weight.data.length;
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += d_model) {
    let middle = 0, variance = 0;
    for (let i = 0; i < d_model; i++) middle += x[start + i] / d_model;
    for (let i = 0; i < d_model; i++) y[start + i] = x[start + i] - middle;
    for (let i = 0; i < d_model; i++) variance += y[start + i] ** 2 / d_model;
    const deviation = Math.sqrt(variance + 1e-6);
    for (let i = 0; i < d_model; i++)
      y[start + i] = y[start + i] / deviation * weight.data[i] + bias.data[i];
  }
  return y;
}

// `softmax` of each row. The largest score is subtracted first, so that no exponential
// overflows.
function softmax(x, width) {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    const end = start + width;
    let largest = -Infinity, sum = 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, x[i]);
    for (let i = start; i < end; i++) sum += y[i] = Math.exp(x[i] - largest);
    for (let i = start; i < end; i++) y[i] /= sum;
  }
  return y;
}

// `nn.GELU`, $x\,\Phi(x)$. $\Phi$ needs the error function, which JavaScript lacks.
// Formula 7.1.26 of Abramowitz and Stegun's *Handbook of Mathematical Functions*
// differs from it by at most $1.5 \cdot 10^{-7}$.
function gelu(x) {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const series = t * (0.254829592 + t * (-0.284496736
    + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = Math.sign(x) * (1 - series * Math.exp(-z * z));
  return x * (1 + erf) / 2;
}

// Sums, means, and `count` columns of a matrix that is `width` numbers wide.
function add(x, y) {
  return x.map((value, i) => value + y[i]);
}

function mean(x) {
  return x.reduce((sum, value) => sum + value, 0) / x.length;
}

function columns(x, width, first, count) {
  const rows = x.length / width, part = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < count; i++) part[row * count + i] = x[row * width + first + i];
  return part;
}

// ## Weights from a file
//
// A [safetensors](../../helpers/safetensors.py) file is eight bytes with the length of
// a header, the header as JSON, and the numbers. The tensor `patch_emb.conv.weight`
// becomes `weights.patch_emb.conv.weight`, the path that it has in PyTorch. `metadata`
// is whatever the author of the file added to the header.
function read_weights(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const { __metadata__: metadata = {}, ...tensors } = header;
  const weights = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(tensors)) {
    const [first, end] = data_offsets.map((offset) => start + offset);
    const [size, read] = {
      F16: [2, (place) => half(view.getUint16(place, true))],
      F32: [4, (place) => view.getFloat32(place, true)],
    }[dtype];
    const data = new Float32Array((end - first) / size);
    for (let i = 0; i < data.length; i++) data[i] = read(first + size * i);
    const path = name.split("."), last = path.pop();
    const place = path.reduce((outer, part) => (outer[part] ??= {}), weights);
    place[last] = { shape, data };
  }
  return { weights, metadata };
}

// A float16 has a sign, five bits of exponent and ten bits of mantissa. The powers of
// two are computed once, not for each number of a file. Infinity and NaN are left out,
// because no weight is either.
const POWERS = Array.from({ length: 32 }, (_, i) => 2 ** (Math.max(i, 1) - 25));
function half(bits) {
  const exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  const size = POWERS[exponent] * (exponent ? 1024 + mantissa : mantissa);
  return bits >> 15 ? -size : size;
}
