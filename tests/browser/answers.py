"""Answers of the page and of the program, side by side."""


def plain(answer):
    """An answer without what a browser does not know of a file: its number."""
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items() if key != "inode"}
    if isinstance(answer, list):
        return [plain(one) for one in answer]
    return answer
