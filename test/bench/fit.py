#!/usr/bin/env python3
"""
The peer of W1: MBG/NBD's parameters by scipy, from a file of x, t_x, T of each customer. Customers who are alike are
counted together (numpy.unique), and the gradient is worked out, not tried. Prints ms, and on standard error what it found;
reading the file is not counted.
"""
import sys
import time

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

data = np.loadtxt(sys.argv[1])
begun = time.perf_counter()
rows, customers = np.unique(data, axis=0, return_counts=True)
x, t_x, T = rows.T


def minus(logs):
    r, alpha, a, b = np.exp(logs)
    n = r + x
    A, t = alpha + T, alpha + t_x
    there, gone = -n * np.log(A), np.log(a / (b + x)) - n * np.log(t)
    value = (gammaln(n) - gammaln(r) + r * np.log(alpha) + gammaln(a + b) - gammaln(b) + gammaln(b + x + 1)
             - gammaln(a + b + x + 1) + np.logaddexp(there, gone))
    odds = 1 / (1 + np.exp(there - gone))
    both = digamma(a + b) - digamma(a + b + x + 1)
    slope = [digamma(n) - digamma(r) + np.log(alpha) - (1 - odds) * np.log(A) - odds * np.log(t),
             r / alpha - (1 - odds) * n / A - odds * n / t,
             both + odds / a,
             both - digamma(b) + digamma(b + x + 1) - odds / (b + x)]
    return -(customers * value).sum(), -np.array([(customers * s).sum() for s in slope]) * np.exp(logs)


found = minimize(minus, np.zeros(4), jac=True, method='L-BFGS-B', options={'ftol': 1e-15, 'gtol': 1e-6 * len(data)})
print((time.perf_counter() - begun) * 1000)
print(-found.fun, np.exp(found.x), found.nfev, 'calls,', len(rows), 'alike', file=sys.stderr)
