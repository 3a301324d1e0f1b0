/** The types of a trace: `web/write_trace_types.py` writes them from `dragoman/explain/trace.schema.json`. */

/** Numbers with a shape, end to end, the last dimension running fastest; -Infinity where JSON has null. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * One translation by a Transformer with the numbers on its way, in the order in which they come to be. Letters in
 * shapes: S source pieces, T target pieces and so steps, L and K rows that look and rows that are looked at, D model
 * width, N heads, G key and value heads, H head width, F feed-forward width, V target vocabulary. Numbers have no unit
 * but log-probabilities, which are natural logarithms.
 */
export interface Trace {
  /** Says what this is. */
  readonly format: "dragoman-trace";
  /** The version of this schema; readers refuse any other. */
  readonly version: 2;
  /** The source text as the model read it: in small letters where its options say so of one in CAPITALS. */
  readonly text: string;
  /** The text of the traced translation. */
  readonly translation: string;
  /** Whose numbers these are. */
  readonly model: Model;
  /** The source text in pieces; S of them. */
  readonly source: Side;
  /** The translation in pieces; T of them. */
  readonly target: Side;
  /** The encoder. */
  readonly encoder: Encoder;
  /** What the encoder makes of the source and the decoder looks at, [S, D]: its output, or the norm of that. */
  readonly memory: Tensor;
  /** The decoder, all steps as rows: what a row is does not depend on those below it. */
  readonly decoder: Decoder;
  /** The output of each step; T of them. */
  readonly steps: readonly Step[];
  /** How the translation was found. */
  readonly search: Search;
}

/** What is known of the model. */
export interface Model {
  /** The table `model` of config.json: widths, layers, heads, norms, positions and so on. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The codes of source and target language of this translation, where they are known. */
  readonly languages: readonly [string, string] | null;
  /** Pairs of a decoder layer and a head of its cross-attention that tell which words belong together. */
  readonly alignment_heads: readonly (readonly [number, number])[];
}

/** A text and its pieces. */
export interface Side {
  /** The family of the tokenizer: bpe, byte_bpe, unigram, wordpiece, character, word or sentencepiece. */
  readonly tokenizer: string;
  /**
   * The pieces as the model reads or gives them, with the end of the source (`</s>`, or the tag of a language), or with
   * the `</s>` of the target where it was reached.
   */
  readonly pieces: readonly Piece[];
  /**
   * How the tokenizer found the pieces; null for a family that cuts in one step, and for a target that was searched,
   * not cut.
   */
  readonly history: Merges | Candidates | null;
}

/** A piece of a text. */
export interface Piece {
  /** Its number in the vocabulary. */
  readonly id: number;
  /** How it stands in the vocabulary, such as ▁the, <0xC3>, </s>. */
  readonly piece: string;
  /** The characters of the text that it touches; empty for an end or a tag, and where that cannot be told. */
  readonly text: string;
  /** The first of these characters, counted in Unicode code points from 0; null where there are none. */
  readonly start: number | null;
  /** The end of these characters, the first that is not among them; null where there are none. */
  readonly end: number | null;
}

/** The merges of byte-pair encoding in their order: word by word, the lowest rank first, the leftmost among equals. */
export interface Merges {
  /** Tells merges from candidates. */
  readonly kind: "merges";
  /** One after the other. */
  readonly steps: readonly Merge[];
}

/** One merge. */
export interface Merge {
  /** Its place among the learned merges; the lowest comes first. */
  readonly rank: number;
  /** The number of the word in the text, from 0. */
  readonly word: number;
  /** The left one of the two pieces. */
  readonly left: string;
  /** The right one. */
  readonly right: string;
  /** All pieces of the text after this merge. */
  readonly pieces: readonly string[];
}

/** All pieces that a unigram model chose from, and its choice. */
export interface Candidates {
  /** Tells candidates from merges. */
  readonly kind: "candidates";
  /** Every piece that stands at a place of the text, by its end and then from the shortest on. */
  readonly candidates: readonly Candidate[];
  /** The most likely way through them. */
  readonly best: readonly Candidate[];
}

/** A piece that stands at a place of the text. */
export interface Candidate {
  /** How it stands in the vocabulary; a letter that is no piece is <unk> here, and its bytes in a cut. */
  readonly piece: string;
  /** Its first character, in code points; the blank in front of the text takes no room. */
  readonly start: number;
  /** The first character after it. */
  readonly end: number;
  /** The natural logarithm of its probability. */
  readonly log_probability: number;
}

/** How ids become the first vectors: rows · scale + positions = sum. */
export interface Embedding {
  /** The name of the matrix whose rows are taken, without `.weight`. */
  readonly table: string;
  /** Where each piece is said to stand, 0, 1, 2 and so on; length L. */
  readonly places: readonly number[];
  /** The rows of the table, [L, D]. */
  readonly rows: Tensor;
  /** What they are multiplied by: √D, or 1. */
  readonly scale: number;
  /** The vectors of the places, which are added, [L, D]; null where positions are rotary, ALiBi or none. */
  readonly positions: Tensor | null;
  /** What enters the first layer, [L, D]. */
  readonly sum: Tensor;
}

/**
 * Multi-head attention with its norm and residual; L queries look at K keys. In the encoder L = K = S, in the decoder's
 * self-attention L = K = T, in its cross-attention L = T and K = S.
 */
export interface Attention {
  /** The norm of the residual stream, which is read, [L, D]; null where the norm comes after or there is none. */
  readonly norm_before: Tensor | null;
  /** Queries, [L, N, H]. */
  readonly query: Tensor;
  /** Keys, [K, G, H]; head j of them serves the query heads j·N/G and on. */
  readonly key: Tensor;
  /** Values, [K, G, H]. */
  readonly value: Tensor;
  /** Queries turned by their places, [L, N, H]; null where positions are not rotary. */
  readonly query_turned: Tensor | null;
  /** Keys turned by their places, [K, G, H]; null where positions are not rotary. */
  readonly key_turned: Tensor | null;
  /** What products of queries and keys are multiplied by: 1/√H, or 1. */
  readonly scale: number;
  /** ALiBi: for each head what a step of distance takes from a score, length N; null where positions are not ALiBi. */
  readonly slopes: readonly number[] | null;
  /** query · key · scale - slope · distance, [N, L, K]. */
  readonly scores_before_mask: Tensor;
  /** The same, null where a query may not look, [N, L, K]. */
  readonly scores: Tensor;
  /**
   * Their softmax: how much each query takes of each key, [N, L, K]; rows sum to 1, and are 0 where it may not look.
   */
  readonly weights: Tensor;
  /** What each head takes, weights · values, [L, N, H]. */
  readonly contexts: Tensor;
  /** The projection of all heads side by side, [L, D]. */
  readonly output: Tensor;
  /** The residual stream after it, [L, D]: that before it + output; output alone in a model without residuals. */
  readonly residual_after: Tensor;
  /**
   * The norm of that, which goes on as the residual stream, [L, D]; null where the norm comes before or there is none.
   */
  readonly norm_after: Tensor | null;
}

/**
 * A simpler simple recurrent unit (SSRU, Kim et al. 2019, section 3) with its norm and residual, in the place of the
 * decoder's self-attention. Row t makes its state of that of row t - 1, which is 0 before the first.
 */
export interface Recurrence {
  /** The norm of the residual stream, which is read, [T, D]; null where the norm comes after or there is none. */
  readonly norm_before: Tensor | null;
  /** What may be taken into the state, W x, [T, D]. */
  readonly input: Tensor;
  /** The forget gate, sigmoid(W_f x + b_f), [T, D]: the share of the state before that stays. */
  readonly forget: Tensor;
  /** forget · the state before + (1 - forget) · input, [T, D]. */
  readonly state: Tensor;
  /** ReLU(state), [T, D]. */
  readonly output: Tensor;
  /** The residual stream after it, [T, D]: that before it + output; output alone in a model without residuals. */
  readonly residual_after: Tensor;
  /**
   * The norm of that, which goes on as the residual stream, [T, D]; null where the norm comes before or there is none.
   */
  readonly norm_after: Tensor | null;
}

/** The feed-forward network with its norm and residual. */
export interface FeedForward {
  /** The norm of the residual stream, which is read, [L, D]; null where the norm comes after or there is none. */
  readonly norm_before: Tensor | null;
  /** The first product, [L, F]. */
  readonly up: Tensor;
  /** The gate's product, [L, F]; null but for SwiGLU. */
  readonly gate: Tensor | null;
  /** After the activation, [L, F]: ReLU, GELU or SiLU of up, or SiLU(gate) · up. */
  readonly hidden: Tensor;
  /** The second product, down, [L, D]. */
  readonly output: Tensor;
  /** The residual stream after it, [L, D]: that before it + output; output alone in a model without residuals. */
  readonly residual_after: Tensor;
  /**
   * The norm of that, which goes on as the residual stream, [L, D]; null where the norm comes before or there is none.
   */
  readonly norm_after: Tensor | null;
}

/** One layer of the encoder. */
export interface EncoderLayer {
  /** The residual stream that enters it, [S, D]. */
  readonly input: Tensor;
  /** Source pieces look at source pieces. */
  readonly self_attention: Attention;
  /** Each piece by itself. */
  readonly feed_forward: FeedForward;
}

/**
 * One layer of the decoder. Row t is the step that reads piece t - 1 of the target, `<s>` at first, and gives piece t.
 */
export interface DecoderLayer {
  /** The residual stream that enters it, [T, D]. */
  readonly input: Tensor;
  /** Target pieces look at themselves and those before them; null where a recurrence stands in its place. */
  readonly self_attention: Attention | null;
  /** What is known of the target pieces is carried from one to the next; null where there is self-attention. */
  readonly recurrence: Recurrence | null;
  /** Target pieces look at the memory. */
  readonly cross_attention: Attention;
  /** Each piece by itself. */
  readonly feed_forward: FeedForward;
}

/** The way from the source to the memory. */
export interface Encoder {
  /** Of the source pieces. */
  readonly embedding: Embedding;
  /** From the first on. */
  readonly layers: readonly EncoderLayer[];
  /** The residual stream after the last layer, [S, D]. */
  readonly output: Tensor;
}

/** The way from the memory and the pieces so far to the logits. */
export interface Decoder {
  /** Of `<s>` and all target pieces but the last. */
  readonly embedding: Embedding;
  /** From the first on. */
  readonly layers: readonly DecoderLayer[];
  /** The residual stream after the last layer, [T, D]. */
  readonly output: Tensor;
  /** The norm behind the last layer, from which logits are computed, [T, D]; null where there is none. */
  readonly norm: Tensor | null;
}

/** One step of the decoder: from its last row of numbers to a piece. */
export interface Step {
  /** The piece that the translation goes on with. */
  readonly chosen: Choice;
  /** log Σ e^logit over the vocabulary; a logit less this is a log-probability. */
  readonly log_sum_exp: number;
  /** The likeliest pieces, the best first, of equal ones the lowest id. */
  readonly top: readonly Choice[];
  /** All logits, [V]; null where they were not asked for. */
  readonly logits: Tensor | null;
}

/** A piece that may come next. */
export interface Choice {
  /** Its number in the target's vocabulary. */
  readonly id: number;
  /** How it stands in the vocabulary. */
  readonly piece: string;
  /** Its logit. */
  readonly logit: number;
  /** logit - log_sum_exp. */
  readonly log_probability: number;
  /** e^log_probability; temperature 1, nothing cut off. */
  readonly probability: number;
  /** Whether a search may take it here: valid UTF-8, no line break, no end before its time. */
  readonly allowed: boolean;
}

/** How the translation was found. */
export interface Search {
  /** `given`: it was not searched, and the numbers of the others are of no account. */
  readonly kind: "greedy" | "beam" | "sample" | "given";
  /** Ways kept side by side. */
  readonly beam: number;
  /** Translations wanted. */
  readonly n_best: number;
  /** How a score depends on the length. */
  readonly penalty: "paper" | "average" | "none";
  /** The exponent of the paper's penalty. */
  readonly alpha: number;
  /** What logits are divided by before a piece is drawn; null for 1. */
  readonly temperature: number | null;
  /** Draws are among so many of the likeliest; null for all. */
  readonly top_k: number | null;
  /** Draws are among the likeliest that have this probability together; null for all. */
  readonly top_p: number | null;
  /** The seed of the draws. */
  readonly seed: number;
  /** Pieces before which no translation ends. */
  readonly min_length: number;
  /** Pieces at which every translation ends. */
  readonly max_length: number;
  /** From the first piece on. */
  readonly steps: readonly SearchStep[];
  /** What was found, the best first. */
  readonly hypotheses: readonly Hypothesis[];
  /** Which of them this trace is of. */
  readonly traced: number;
}

/** What a step of the search looked at. */
export interface SearchStep {
  /** What the total of a way that ends here is divided by: the length penalty. */
  readonly divisor: number;
  /** The ways of going on, the best first: twice the beam of them; of greedy search and samples those taken. */
  readonly ways: readonly Way[];
}

/** A way of going on, and what became of it. */
export interface Way {
  /** That it goes on from: its place among the ways kept by the step before; of samples, their number. */
  readonly row: number;
  /** The piece that it takes. */
  readonly id: number;
  /** How that stands in the vocabulary. */
  readonly piece: string;
  /** Of the piece. */
  readonly log_probability: number;
  /** Of the whole way, this piece included: the sum of its log-probabilities. */
  readonly total: number;
  /**
   * Kept: it is alive in the next step. Finished: it ended with `</s>` and waits with its score, total / divisor.
   * Pruned: it is given up.
   */
  readonly fate: "kept" | "finished" | "pruned";
}

/** A translation that was found. */
export interface Hypothesis {
  /** Its pieces, with `</s>` where that was reached. */
  readonly ids: readonly number[];
  /** How they stand in the vocabulary. */
  readonly pieces: readonly string[];
  /** What they spell. */
  readonly text: string;
  /** Of each piece. */
  readonly log_probabilities: readonly number[];
  /** Their sum. */
  readonly log_probability: number;
  /** The length penalty: 1, the length, or ((5 + length) / 6)^alpha. */
  readonly divisor: number;
  /** log_probability / divisor. */
  readonly score: number;
  /** Whether it reached `</s>`; else the longest allowed length came first. */
  readonly finished: boolean;
}
