"""Results: medians of rounds, and tables."""

import statistics


def medians(results):
    """One result of several of the same shape: the median of each number; words are collected."""
    first = results[0]
    if isinstance(first, dict):
        keys = [k for i, r in enumerate(results) for k in r if not any(k in e for e in results[:i])]
        return {k: medians([r[k] for r in results if k in r]) for k in keys}
    if isinstance(first, list):
        return (
            sorted({x for r in results for x in r})
            if all(isinstance(x, str) for r in results for x in r)
            else first
        )
    if isinstance(first, (int, float)) and not isinstance(first, bool):
        return statistics.median(results)
    return first


def number(x):
    """Three digits are what a measurement is worth."""
    if x is None:
        return "–"
    if isinstance(x, str):
        return x
    if x == 0:
        return "0"
    if abs(x) >= 1000:
        return f"{round(x, -len(str(int(abs(x)))) + 3):,.0f}"
    return f"{x:.3g}"


def ratio(a, b):
    return f"{a / b:.2f} ×" if a is not None and b else "–"


def table(title, head, rows, remarks=()):
    """Prints it; cells are numbers or words, the first column is to the left."""
    cells = [[str(h) for h in head]] + [[number(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    print(f"\n## {title}\n")
    for n, row in enumerate(cells):
        line = [
            c.ljust(w) if i == 0 or not _numeric(cells, i) else c.rjust(w)
            for i, (c, w) in enumerate(zip(row, widths))
        ]
        print("| " + " | ".join(line) + " |")
        if n == 0:
            print("|" + "|".join("-" * (w + 2) for w in widths) + "|")
    for x in remarks:
        print(f"- {x}")
    print(flush=True)


def _numeric(cells, column):
    return all(row[column][:1].isdigit() or row[column] in ("", "–") for row in cells[1:])
