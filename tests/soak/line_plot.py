"""The soak's plot: one panel a quantity, over minutes."""

WIDTH, HEIGHT, LEFT, TOP, GAP = 900, 110, 70, 24, 44
TEXT, GRID = "#7d8590", "#7d859055"
COLOURS = {"a": "#2f81f7", "b": "#db6d28", "p50": "#2f81f7", "p99": "#db6d28"}
PANELS = [
    ("memory, MB", {"a": "rss_mb_a", "b": "rss_mb_b"}),
    ("descriptors", {"a": "descriptors_a", "b": "descriptors_b"}),
    ("round trip, ms", {"p50": "ping_p50_ms", "p99": "ping_p99_ms"}),
]


def svg(samples):
    height = TOP + len(PANELS) * (HEIGHT + GAP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
             f'font-family="sans-serif" font-size="13" fill="{TEXT}">']
    for index, (heading, lines) in enumerate(PANELS):
        parts += panel(samples, heading, lines, TOP + index * (HEIGHT + GAP))
    return "\n".join([*parts, "</svg>", ""])


def panel(samples, heading, lines, y):
    top = max((sample[key] or 0 for sample in samples for key in lines.values()), default=0) * 1.1 or 1
    end = samples[-1]["seconds"] if samples else 1
    parts = [f'<text x="{LEFT}" y="{y - 6}" font-weight="bold">{heading}</text>']
    for share in (0, 0.5, 1):
        level = y + HEIGHT * (1 - share)
        parts.append(f'<path d="M{LEFT} {level:.1f}H{WIDTH - 10}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{level + 4:.1f}" text-anchor="end">{top * share:.3g}</text>')
    for name, key in lines.items():
        points = " ".join(
            f"{LEFT + (WIDTH - LEFT - 10) * sample['seconds'] / end:.1f},{y + HEIGHT * (1 - sample[key] / top):.1f}"
            for sample in samples if sample[key] is not None)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}"/>')
    legend = "   ".join(lines)
    parts.append(f'<text x="{WIDTH - 10}" y="{y - 6}" text-anchor="end">{legend}</text>')
    parts.append(f'<text x="{WIDTH - 10}" y="{y + HEIGHT + 16}" text-anchor="end">{end / 60:.0f} min</text>')
    return parts
