"""Answers of the page and of the program, side by side."""


def plain(answer):
    """An answer without what a browser does not know of a file: its number."""
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items() if key != "inode"}
    if isinstance(answer, list):
        return [plain(one) for one in answer]
    return answer


def differences(ours, theirs, place=""):
    """Where two answers differ, each with what stands there in both."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = [*ours, *(key for key in theirs if key not in ours)]
        return [one for key in keys
                for one in differences(ours.get(key), theirs.get(key), f"{place}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [one for number, both in enumerate(zip(ours, theirs))
                for one in differences(*both, f"{place}[{number}]")]
    return [] if ours == theirs else [(place, ours, theirs)]
