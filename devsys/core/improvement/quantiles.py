"""Student's t in plain Python, so that no statistics framework is needed at run time.

The distribution function is a regularised incomplete beta function, found by its continued fraction (Abramowitz and
Stegun 26.5.8, summed from the front as Lentz does); the quantile is found on it by Newton's steps inside a bracket.
"""

import math
from functools import lru_cache

_TINY = 1e-300
_SETTLED = 5e-16  # two units in the last place
_STEPS = 2_000  # the fraction needs about sqrt(df) steps
_SERIES_FROM = 40.0  # from here on the series for the ratio of gamma functions is exact to the last digit
_NORMAL_FROM = 1e5  # degrees of freedom from which the way over the normal distribution is exact


def t_cdf(x: float, df: float) -> float:
    """Give P(T <= x) for Student's t with `df` > 0 degrees of freedom; an infinite df is the normal distribution."""
    if df <= 0 or math.isnan(x):
        raise ValueError("t_cdf needs a number and more than 0 degrees of freedom")
    tail = _upper_tail(abs(x), df)
    return tail if x < 0 else 1.0 - tail


@lru_cache(maxsize=1024)
def t_quantile(p: float, df: float) -> float:
    """Give the x at which P(T <= x) is `p`, 0 < p < 1, to 1e-9 relative."""
    if not 0 < p < 1 or df <= 0:
        raise ValueError("t_quantile needs 0 < p < 1 and more than 0 degrees of freedom")
    if p == 0.5:  # noqa: PLR2004 -- the middle of a symmetrical distribution
        return 0.0
    q = min(p, 1.0 - p)
    low, high = 0.0, 1.0
    while _upper_tail(high, df) > q:
        low, high = high, 2.0 * high
    x = (low + high) / 2
    for _ in range(200):
        gap = _upper_tail(x, df) - q
        low, high = (x, high) if gap > 0 else (low, x)
        density = _density(x, df)
        step = x + gap / density if density > 0 else low - 1
        nearer = step if low < step < high else (low + high) / 2
        if abs(nearer - x) <= 1e-14 * nearer:
            break
        x = nearer
    return nearer if p > q else -nearer


def _upper_tail(x: float, df: float) -> float:
    """P(T > x) for x >= 0: small tails keep their digits."""
    if df >= _NORMAL_FROM:
        return 0.5 * math.erfc(_as_normal(x, df) / math.sqrt(2))
    # df / (df + x^2) is close to 1 where it is hard: both shares are made without a difference of near numbers
    share, rest = df / (df + x * x), x * x / (df + x * x)
    return 0.5 * _incomplete_beta(share, rest, df / 2)


def _as_normal(x: float, df: float) -> float:
    """Give the normal deviate with the tail of t's `x` (Fisher's expansion in 1/df), for many degrees of freedom."""
    if math.isinf(df):
        return x
    x = min(x, 40.0)  # beyond it the tail is 0 in double precision
    s = x * x
    one, two = s + 1, (13 * s + 8) * s + 3
    three = ((35 * s + 19) * s + 1) * s - 15
    return x * (1 - one / (4 * df) + two / (96 * df**2) - three / (384 * df**3))


def _incomplete_beta(x: float, rest: float, a: float) -> float:
    """I_x(a, 1/2), with rest = 1 - x."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    log_x = math.log(x) if x < rest else math.log1p(-rest)
    front = math.exp(a * log_x + 0.5 * math.log(rest) + _log_ratio(a)) / math.sqrt(math.pi)
    if x < (a + 1) / (a + 2.5):
        return front * _fraction(x, a, 0.5) / a
    return 1.0 - front * _fraction(rest, 0.5, a) / 0.5


def _log_ratio(a: float) -> float:
    """Give ln of gamma(a + 1/2) / gamma(a)."""
    if a < _SERIES_FROM:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    b = 1.0 / (a * a)
    return 0.5 * math.log(a) - (1 / 8 - b * (1 / 192 - b * (1 / 640 - b * 17 / 14336))) / a


def _fraction(x: float, a: float, b: float) -> float:
    """Give the continued fraction of the incomplete beta function."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, _STEPS):
        for top in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + top * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + top / c
            c = c if abs(c) > _TINY else _TINY
            value *= d * c
        if abs(d * c - 1.0) < _SETTLED:
            break
    return value


def _density(x: float, df: float) -> float:
    if df >= _NORMAL_FROM:
        return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return math.exp(_log_ratio(df / 2) - (df + 1) / 2 * math.log1p(x * x / df)) / math.sqrt(df * math.pi)
