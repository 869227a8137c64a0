#!/usr/bin/env python3
"""
Answers of the models of buying with 50 digits, for worth.sql:

    python3 test/property/oracle_worth_vectors.py > test/property/oracle_worth_vectors.sql

Needs mpmath (Debian: python3-mpmath); takes twenty minutes.  Nothing here is as in src/worth: what the extension has in
closed form or as a series is integrated here, over what is not known of the customer (the rate of buying, the probability
or rate of leaving) and over time.
"""
import random
import sys

from mpmath import mp, mpf

mp.dps = 50
LOW = mpf(10) ** -34

# ---------------------------------------------------------------------------------------------------------------------
# quadrature: Gauss and Legendre's rule on panels no wider than 2, in variables in which nothing is nearer than pi to the
# real axis.  24 points leave errors below 10^-30; they were compared with those of 32.

POINTS = 24


def rule(n):
    points = []
    for i in range(n):
        x = mp.cos(mp.pi * (i + mpf(3) / 4) / (n + mpf(1) / 2))
        for _ in range(10):
            slope = n * (x * mp.legendre(n, x) - mp.legendre(n - 1, x)) / (x * x - 1)
            x -= mp.legendre(n, x) / slope
        points.append((x, 2 / ((1 - x * x) * slope * slope)))
    assert abs(sum(w for _, w in points) - 2) < mpf(10) ** -45
    return points


RULE = rule(POINTS)


def integrate(f, points):
    total = mpf(0)
    for low, high in zip(points, points[1:]):
        half, middle = (high - low) / 2, (high + low) / 2
        total += half * mp.fsum(w * f(middle + half * x) for x, w in RULE)
    return total


def steps(start, end, first, widest):
    """Panels that double, from a first width up to a widest."""
    points, width = [start], first
    while points[-1] + width < end:
        points.append(points[-1] + width)
        width = min(2 * width, widest)
    return points + [end]


def about(mode, spread, low, high):
    """Panels about a peak, that double away from it; far out nothing but an exponential is left, and they go on doubling."""
    def one_way(length):
        near = steps(mpf(0), min(length, mpf(300)), spread, max(spread, mpf(2)))
        return near if length <= 300 else near[:-1] + steps(near[-1], length, mpf(2), length / 40)
    return sorted({mode - s for s in one_way(mode - low)} | {mode + s for s in one_way(high - mode)})


def over_gamma(f, shape, rate):
    """The integral of f(l) l^(shape-1) e^(-rate l), over the logarithm of l."""
    mode = mp.log(shape / rate)
    spread = min(1 / mp.sqrt(shape), mpf(1))
    low = mode - 80 / shape - 14 * spread
    high = mode + (mp.log(1 + 90 / shape) if shape < 10 else 14 * spread)

    def term(v):
        l = mp.exp(v)
        w = mp.exp(shape * v - rate * l - (shape * mode - rate * mp.exp(mode)))
        return w * f(l) if w > LOW else mpf(0)
    return integrate(term, about(mode, spread, low, high)), shape * mode - rate * mp.exp(mode)


def over_beta(f, a, b):
    """The integral of f(p, 1-p) p^(a-1) (1-p)^(b-1), over the logit of p, and the logarithm of a factor left out."""
    mode = mp.log(a / b)
    spread = min(mp.sqrt(1 / a + 1 / b), mpf(1))
    low = mode - 80 / a - 14 * spread
    high = mode + 80 / b + 14 * spread

    def log_weight(v):
        return -a * mp.log1p(mp.exp(-v)) - b * mp.log1p(mp.exp(v))
    peak = log_weight(mode)

    def term(v):
        w = mp.exp(log_weight(v) - peak)
        return w * f(1 / (1 + mp.exp(-v)), 1 / (1 + mp.exp(v))) if w > LOW else mpf(0)
    return integrate(term, about(mode, spread, low, high)), peak


def log_gamma_integral(shape, rate):
    value, scale = over_gamma(lambda l: 1, shape, rate)
    return mp.log(value) + scale


def log_beta_integral(a, b):
    value, scale = over_beta(lambda p, q: 1, a, b)
    return mp.log(value) + scale


def over_time(f, t, first):
    """The integral of f from 0 to t, over ln(1 + v/first)."""
    def term(s):
        return f(first * mp.expm1(s)) * first * mp.exp(s)
    return integrate(term, steps(mpf(0), mp.log1p(t / first), mpf(1), mpf(2)))


# ---------------------------------------------------------------------------------------------------------------------
# BG/NBD (k = 0) and MBG/NBD (k = 1).  With rate l and probability p to leave, x purchases until t_x and none until T are
# as likely as l^x (1-p)^(x+k) e^(-l T) + [x + k > 0] l^x p (1-p)^(x+k-1) e^(-l t_x).


def bg_parts(k, par, x, t_x, T):
    """Logarithms of both, over all l and p."""
    r, alpha, a, b = par
    prior = log_gamma_integral(r, alpha) + log_beta_integral(a, b)
    there = log_gamma_integral(r + x, alpha + T) + log_beta_integral(a, b + x + k) - prior
    if x + k == 0:
        return there, None
    return there, log_gamma_integral(r + x, alpha + t_x) + log_beta_integral(a + 1, b + x + k - 1) - prior


def bg_log_likelihood(k, par, x, t_x, T):
    there, gone = bg_parts(k, par, x, t_x, T)
    return there if gone is None else there + mp.log1p(mp.exp(gone - there))


def bg_alive(k, par, x, t_x, T):
    there, gone = bg_parts(k, par, x, t_x, T)
    return mpf(1) if gone is None else 1 / (1 + mp.exp(gone - there))


def bg_future(k, par, x, t_x, T, given_p):
    """What is expected of who is still there, times the probability of that: over p, given p by a function."""
    r, alpha, a, b = par
    value, _ = over_beta(lambda p, q: given_p(r + x, alpha + T, p), a, b + x + k)
    one, _ = over_beta(lambda p, q: 1, a, b + x + k)
    return bg_alive(k, par, x, t_x, T) * value / one


def bg_expected(k, par, x, t_x, T, t):
    # given l and p the purchases until t are (1 - e^(-l p t)) / p, over l that is
    return bg_future(k, par, x, t_x, T, lambda n, A, p: -mp.expm1(-n * mp.log1p(p * t / A)) / p)


def bg_discounted(k, par, x, t_x, T, t, delta):
    def given_p(n, A, p):
        # the rate at v is n/A (1 + p v/A)^-(n+1): incomplete gamma functions
        if p < mpf(10) ** -20:
            return n / A * (1 if t is None else -mp.expm1(-delta * t)) / delta
        if n > 50:
            # they take too long: integrated as it stands
            end = t if t is not None else 80 / delta
            return over_time(lambda v: n / A * mp.exp(-(n + 1) * mp.log1p(p * v / A) - delta * v), end,
                             min(A / (p * (n + 1)), 1 / delta, end))
        theta = delta * A / p
        value = mp.exp(theta) * mp.expint(n + 1, theta)
        if t is not None:
            late = theta * (1 + p * t / A)
            value -= mp.exp(-n * mp.log1p(p * t / A) - delta * t + late) * mp.expint(n + 1, late)
        return n / p * value
    return bg_future(k, par, x, t_x, T, given_p)


def bg_again(k, par, x, t_x, T, t):
    r, alpha, a, b = par
    # over l: who buys at rate l does not within t with e^(-l t)
    n, A = r + x, alpha + T
    there, _ = over_gamma(lambda l: 1, n, A)
    bought, _ = over_gamma(lambda l: -mp.expm1(-l * t), n, A)
    return bg_alive(k, par, x, t_x, T) * bought / there


# ---------------------------------------------------------------------------------------------------------------------
# Pareto/NBD: l^x e^(-(l+m) T) + integral t_x..T of m l^x e^(-(l+m) y) dy, m the rate to leave.


def pareto_gone(par, x, t_x, T):
    """s times the integral over the time of leaving, as a multiple of the likelihood of being there."""
    r, alpha, s, beta = par
    n = r + x
    if T == t_x:
        return mpf(0)

    def density(v):
        y = t_x + v
        return s / (beta + y) * mp.exp(n * mp.log((alpha + T) / (alpha + y)) + s * mp.log((beta + T) / (beta + y)))
    first = min((alpha + t_x) / n, (beta + t_x) / (s + 1))
    return over_time(density, T - t_x, first)


def pareto_alive(par, x, t_x, T):
    return 1 / (1 + pareto_gone(par, x, t_x, T))


def pareto_log_likelihood(par, x, t_x, T):
    r, alpha, s, beta = par
    there = (log_gamma_integral(r + x, alpha + T) - log_gamma_integral(r, alpha) +
             log_gamma_integral(s, beta + T) - log_gamma_integral(s, beta))
    return there + mp.log1p(pareto_gone(par, x, t_x, T))


def pareto_discounted(par, x, t_x, T, t, delta):
    r, alpha, s, beta = par
    n, A, G = r + x, alpha + T, beta + T
    end = t if t is not None else 80 / delta
    first = min(G / (s + 1), 1 / delta if delta > 0 else G, end)
    return pareto_alive(par, x, t_x, T) * n / A * over_time(lambda v: mp.exp(-s * mp.log1p(v / G) - delta * v), end, first)


def pareto_expected(par, x, t_x, T, t):
    return pareto_discounted(par, x, t_x, T, t, mpf(0))


def pareto_again(par, x, t_x, T, t):
    r, alpha, s, beta = par
    n, A, G = r + x, alpha + T, beta + T
    value = over_time(lambda v: mp.exp(-(n + 1) * mp.log1p(v / A) - s * mp.log1p(v / G)), t, min(A / (n + 1), G / (s + 1), t))
    return pareto_alive(par, x, t_x, T) * n / A * value


# ---------------------------------------------------------------------------------------------------------------------
# Gamma-Gamma: a transaction is Gamma(p, v), v is Gamma(q, gamma) over the population.


def spend_expected(par, x, total):
    p, q, gamma = par
    # v after x transactions of `total` is Gamma(px + q, gamma + total); the mean is p / v
    one, scale = over_gamma(lambda v: 1, p * x + q, gamma + total)
    inverse, other = over_gamma(lambda v: 1, p * x + q - 1, gamma + total)
    return p * inverse / one * mp.exp(other - scale)


def spend_log_likelihood(par, x, total):
    p, q, gamma = par
    # the mean of x transactions given v is Gamma(px, vx), at total / x
    shape = p * x
    density = shape * mp.log(x) + (shape - 1) * mp.log(total / x) - log_gamma_integral(shape, mpf(1))
    return density + log_gamma_integral(shape + q, gamma + total) - log_gamma_integral(q, gamma)


# ---------------------------------------------------------------------------------------------------------------------
# the table

YEAR = mpf('365.25')
NAMES = {'MBG/NBD': ('r', 'alpha', 'a', 'b'), 'BG/NBD': ('r', 'alpha', 'a', 'b'), 'Pareto/NBD': ('r', 'alpha', 's', 'beta')}
rows = []


def document(kind, texts, extra=''):
    return '{"timezone": "UTC", "model": "%s", "unit": "1 day", "parameters": {%s%s}}' % (
        kind, ', '.join('"%s": %s' % pair for pair in zip(NAMES[kind], texts)), extra)


def sql(value):
    if value is None:
        return 'null'
    return "'%s'" % (mp.nstr(value, 25, min_fixed=-5, max_fixed=30) if isinstance(value, mpf) else value)


def row(question, model, x, t_x, age, argument, answer):
    rows.append('(%s, %s, %d, %d, %d, %s, %s)' % (
        sql(question), sql(model), x, t_x, age, sql(argument), sql(answer)))
    print(rows[-1], file=sys.stderr, flush=True)


def first_day(reached, least, most):
    """The first whole day from which on something holds, and how clear that is: a tie would be decided by a last digit."""
    if not reached(most):
        return None
    while least < most:
        middle = (least + most) // 2
        if reached(middle):
            most = middle
        else:
            least = middle + 1
    return least


def ask(kind, texts, x, t_x, age, t, discount, questions):
    par = [mpf(text) for text in texts]
    model = document(kind, texts)
    delta = mp.log1p(mpf(discount)) / YEAR
    valued = document(kind, texts, ', "p": 1, "q": 2, "gamma": 1000000000')
    who = (mpf(x), mpf(t_x), mpf(age))
    if kind == 'Pareto/NBD':
        alive, likelihood = lambda *w: pareto_alive(par, *w), lambda *w: pareto_log_likelihood(par, *w)
        expected, again = lambda *w: pareto_expected(par, *w), lambda *w: pareto_again(par, *w)
        discounted = lambda *w: pareto_discounted(par, *w)
    else:
        k = 1 if kind == 'MBG/NBD' else 0
        alive, likelihood = lambda *w: bg_alive(k, par, *w), lambda *w: bg_log_likelihood(k, par, *w)
        expected, again = lambda *w: bg_expected(k, par, *w), lambda *w: bg_again(k, par, *w)
        discounted = lambda *w: bg_discounted(k, par, *w)
    if 'a' in questions:
        row('alive', model, x, t_x, age, None, alive(*who))
    if 'l' in questions:
        row('log_likelihood', model, x, t_x, age, None, likelihood(*who))
    if 'e' in questions:
        row('expected', model, x, t_x, age, str(t), expected(*who, mpf(t)))
    if 'd' in questions:
        row('discounted', valued, x, t_x, age, '%s %s' % (t, discount), discounted(*who, mpf(t), delta))
    if 'w' in questions:
        row('whole', valued, x, t_x, age, discount, discounted(*who, None, delta))
    if 'n' in questions:
        chance = alive(*who) / 2 if len(questions) % 2 else mpf('0.01')
        chance = mpf(mp.nstr(chance, 4))
        day = first_day(lambda d: again(*who, mpf(d)) >= chance, 1, 100000)
        row('again', model, x, t_x, age, mp.nstr(chance, 4), None if day is None else str(day))
    if 'p' in questions:
        day = first_day(lambda d: alive(who[0], who[1], who[1] + d) < mpf('0.5'), 0, 100000)
        row('lost', model, x, t_x, age, '0.5', None if day is None else str(day))


def number(low, high):
    return '%.4g' % 10 ** random.uniform(low, high)


def main():
    random.seed(1)
    bg = ['0.243', '30.9', '0.793', '2.426']
    mbg = ['0.525', '43.3', '0.891', '1.614']
    pareto = ['0.553', '74.1', '0.606', '81.6']
    for kind, texts in (('BG/NBD', bg), ('MBG/NBD', mbg), ('Pareto/NBD', pareto)):
        for x, t_x, age, t in ((0, 0, 0, 365), (0, 0, 272, 273), (1, 5, 5, 30), (2, 213, 272, 273), (29, 270, 271, 365),
                               (221, 724, 725, 365), (100, 150, 400, 730), (1000, 3000, 3010, 365)):
            ask(kind, texts, x, t_x, age, t, '0.1', 'aledwnp')
    # a, and s, at and near 1, where closed forms divide by 0
    for one in ('1', '1.000000001', '0.999999999999', '0.9999', '1.01'):
        for kind in NAMES:
            ask(kind, ['0.6', '50', one, '2.5'], 3, 100, 160, 365, '0.08', 'aled')
            ask(kind, ['2.5', '5', one, '0.4'], 0, 0, 40, 3650, '0.08', 'aled')
    # many purchases, long times
    for kind in NAMES:
        ask(kind, ['0.8', '20', '0.7', '3'], 100000, 120000, 120010, 3650, '0.1', 'aled')
        ask(kind, ['12', '100', '0.05', '0.9'], 100000, 100000, 120000, 36500, '0.1', 'aled')
        ask(kind, ['0.7', '1', '0.9', '1.8'], 0, 0, 0, 1000, '0.1', 'aled')
        ask(kind, ['0.7', '0.5', '0.9', '1.8'], 1, 1, 2, 2500, '0.1', 'aled')
        ask(kind, ['0.7', '9', '0.9', '1.8'], 4, 90, 91, 100000, '0.02', 'aled')
        ask(kind, ['0.7', '9', '0.9', '1.8'], 0, 0, 7, 30, '0.02', 'w')
    # tiny and huge parameters
    for i in range(24):
        kind = list(NAMES)[i % 3]
        texts = [number(-3, 4) for _ in range(4)]
        x = random.choice((0, 0, 1, 10, 1000))
        t_x = 0 if x == 0 else x + int(10 ** random.uniform(0, 4))
        age = t_x + (0 if random.random() < 0.3 else int(10 ** random.uniform(0, 4)))
        t = min(100000, max(1, int((float(texts[1]) + age) * 10 ** random.uniform(-3, 3))))
        ask(kind, texts, x, t_x, age, t, random.choice(('0.01', '0.1', '1')), 'aled')
    for texts in (('6.24957158', '3.74422468', '15.4435228'), ('0.001', '1.001', '10000'), ('10000', '10000', '0.001'),
                  ('2.5', '1.5', '300')):
        par = [mpf(text) for text in texts]
        model = '{"timezone": "UTC", "unit": "1 day", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1, "p": %s, "q": %s, "gamma": %s}}' % texts
        for x, total in ((0, '0'), (1, '11.77'), (2, '44.69'), (1000, '30000'), (100000, '123456.78')):
            row('value', model, x, 2 * x, 2 * x, total, spend_expected(par, mpf(x), mpf(total)))
            if x > 0:
                row('spend_log_likelihood', model, x, 2 * x, 2 * x, total, spend_log_likelihood(par, mpf(x), mpf(total)))
    print('-- Answers with 50 digits, of which 25 are kept; made by oracle_worth_vectors.py')
    print('insert into vector (question, model, x, t_x, age, argument, answer) values')
    print(',\n'.join(rows) + ';')


main()
