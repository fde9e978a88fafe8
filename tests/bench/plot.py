"""The README's plot: bars, in colours that do on a light and on a dark page."""

from html import escape

WIDTH = 900
LABELS = 410
ROW = 22
BAR = 14
PANELS = [("tcp1_mbit_s", "TCP, 1 stream: Mbit/s, more is better", "{:,.0f}"), ("cpu_s_gb", "CPU-seconds per GB, both daemons: less is better", "{:.2f}")]
TEXT, OUR_BAR, OTHER_BAR = "#7d8590", "#2f81f7", "#8b949e"


def svg(results, titles, ours):
    parts = []
    y = 10
    for quantity, heading, form in PANELS:
        panel, y = panel_of(results, titles, ours, quantity, heading, form, y)
        parts += panel
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" font-size="13" fill="{TEXT}">',
        *parts, "</svg>", ""])


def panel_of(results, titles, ours, quantity, heading, form, y):
    # The plain link would leave no room to tell the tunnels apart.
    bars = [(key, results.median(key, quantity)) for key in titles if key != "veth"]
    bars = [(key, value) for key, value in bars if value is not None]
    scale = (WIDTH - LABELS - 70) / max(value for _, value in bars)
    lines = [f'<text x="{LABELS}" y="{y + 14}" font-weight="bold">{escape(heading)}</text>']
    y += ROW + 4
    for key, value in bars:
        length = value * scale
        colour = OUR_BAR if key.startswith(ours) else OTHER_BAR
        lines += [
            f'<text x="{LABELS - 8}" y="{y + BAR - 2}" text-anchor="end">{escape(titles[key])}</text>',
            f'<rect x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{colour}"/>',
            f'<text x="{LABELS + length + 6:.1f}" y="{y + BAR - 2}">{form.format(value)}</text>',
        ]
        y += ROW
    return lines, y + 14
