"""Wrong answers to the exercises of lesson 14."""

WRONG = {
    "14.1": [
        ("what the notes print", "parameters = (4908, 9581, 19873, 11553, 9549)", "without the head"),
        ("the same for sum", "parameters = (4941, 9581, 19873, 11553, 9581)", "head is smaller"),
        ("half for sum", "parameters = (4941, 9581, 19873, 11553, 4790)", "two LSTMs"),
        ("one direction", "parameters = (4941, 4973, 19873, 11553, 9549)", "two LSTMs"),
        ("four numbers", "parameters = (4941, 9581, 19873, 11553)", "five numbers"),
    ],
    "14.2": [
        ("about a half", "friends_accuracy = 'about 0.5'", "exactly"),
        ("the bound for two words", "friends_accuracy = 0.75", "same counts"),
        ("it depends on training", "friends_accuracy = 1.0", "more data"),
        ("near a half", "friends_accuracy = 0.52", "same answer"),
        ("in percent", "friends_accuracy = 50", "share of 1"),
    ],
    "14.3": [
        ("the same twice", "my_pair = ('Not dull but moving.', 'not dull, but moving')", "the same"),
        (
            "an ending",
            "my_pair = ('연기는 좋았지만 이야기는 지루했다', '이야기는 지루했지만 연기는 좋았다')",
            "counts differ",
        ),
        ("a word more", "my_pair = ('I was happy, not bored.', 'I was bored, not very happy.')", "counts differ"),
        ("one of the grammar", "my_pair = tuple(pairs['ko instead'][0][1:])", "among the pairs"),
        ("one sentence", "my_pair = 'I was happy, not bored.'", "two sentences"),
        (
            "a word that no model knows",
            "my_pair = ('I was happy, not bored.', 'I was bored, not happy.')",
            "never read",
        ),
    ],
    "14.4": [
        ("ids from 1", "def embed_by_hand(ids, matrix):\n    return matrix[np.asarray(ids) - 1]", "count from 0"),
        ("reads the last row", "def embed_by_hand(ids, matrix):\n    return matrix[ids]", "last row"),
        (
            "one row of ids only",
            "def embed_by_hand(ids, matrix):\n    return np.eye(len(matrix))[np.ravel(ids)] @ matrix",
            "has shape",
        ),
        (
            "cuts ids off",
            "def embed_by_hand(ids, matrix):\n    return matrix[np.clip(ids, 0, len(matrix) - 1)]",
            "no such row",
        ),
    ],
    "14.5": [
        ("forgets the word itself", "farthest = ('ko at a distance', 6)", "one more"),
        ("the whole sentence", "farthest = ('ko at a distance', 10)", "whole sentence"),
        ("the English one", "farthest = ('en at a distance', 6)", "another construct"),
        ("the usual one", "farthest = ('ko contrast', 2)", "another construct"),
        ("not a mirror construct", "farthest = ('ko one word', 1)", "mirror construct"),
    ],
}
