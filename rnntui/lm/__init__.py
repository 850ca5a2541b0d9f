"""The language model: owns torch and tokenizers. Reads files, never writes any; clock and seed are arguments.

Glossary. Each term has this one meaning in the code; assets/manual/words-and-numbers.md says the same for people.

Text
    word            what a person counts: "don't" is one, however many tokens it is read in
    mark            punctuation; it counts as a word wherever words are counted
    token           what the network reads and samples in one step: a word with its space, a mark, or a part of a word
    piece           the text of a token, with the space before it
    id              the number of a token in the vocabulary, the most frequent first; V is how many there are
    position        tokens read since the start of a conversation; with the seed it decides a sample
    validation part the last part of a text, which nobody learns from: on it figures are measured (people: held-out)
    tuning text     a slice before it that the network does not learn from: it selects weights and fits the mixture

Network
    cell            a kind of recurrent unit: its equations, for one layer and one step in time
    unit            one number of a layer; H, the hidden size, is how many a layer has
    hidden state    what all layers carry from token to token (h, and c for an LSTM); people are told of "memory"
    output          what a layer gives to the one above it, [T,B,H]; the first part of the hidden state
    generator state the hidden state with position, recent tokens and counting contexts: all that a sample depends on
    logits          scores [V] before they are made probabilities; here logarithms of probabilities
    row             one of B texts that are read side by side; B is the batch size
    window          the T tokens through which gradients flow back (truncated backpropagation through time)

Prediction
    component       one of those that give each token a probability: network, counting, recent tokens, base counting
    mixture         the weighted sum of the components; the weights are the shares, and the gate computes them
    counting        an n-gram model, interpolated modified Kneser-Ney
    context         the n-gram that ends before a token, as its number in the counts
    cache model     what the recent tokens say about the next one (Kuhn and De Mori 1990)
    base            the model that another one went on from
    sampler         the rules that reshape a distribution before a token is sampled, and their settings
    draft           one of several ends of a sentence, of which the best scored one is said

Measure
    nats, bits      natural logarithm and logarithm to base two of 1 / probability, summed; one nat is 1.44 bits
    bits/character  total bits over the characters of a text: comparable across vocabularies
    perplexity      exp(nats / words), of words and marks
    evaluation      reading a text once and adding up what its tokens cost
    baseline        what a simpler model reaches on the same text
"""

import os

# Threads that wait for each other look for a moment and then sleep: to spin on takes a step half as long again where
# another program is busy, to sleep at once a quarter where none is. Before torch is loaded; the second name is GNU's.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "500")
