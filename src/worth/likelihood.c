/*
 * likelihood.c
 *		The log-likelihoods of populations, with their derivatives by the
 *		parameters.
 *
 * What depends on x alone is worked out once for each x, what depends on a day
 * alone once for each day.
 */
#include "worth/likelihood.h"

#include "worth/gamma.h"
#include "worth/integral.h"

#include <math.h>

#define INTERRUPT_EVERY 1024	/* groups */

static void
check_interrupt(fit_interrupt interrupt, size_t i)
{
	if (interrupt && i % INTERRUPT_EVERY == 0)
		interrupt();
}

/* ---------------- sums ---------------- */

static void
add_slope(Slope *sum, const Slope *slope, double times, int n)
{
	sum->value += times * slope->value;
	for (int i = 0; i < n; i++)
	{
		sum->gradient[i] += times * slope->gradient[i];
		for (int j = 0; j <= i; j++)
			sum->hessian[i][j] += times * slope->hessian[i][j];
	}
}

/* Sums are formed in the lower half. */
static void
mirror(Slope *slope, int n)
{
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < i; j++)
			slope->hessian[j][i] = slope->hessian[i][j];
	}
}

/* the parameters' places; LEAVE and STAY are a and b, or s and beta */
enum
{
	R, ALPHA, LEAVE, STAY
};

/* ln G(r+x)/G(r) + r ln alpha */
static void
rate_slope(double r, double alpha, double x, Slope *slope)
{
	GammaStep	step = gamma_step(r, x);

	slope->value = step.log + r * log(alpha);
	slope->gradient[R] = step.digamma + log(alpha);
	slope->gradient[ALPHA] = r / alpha;
	slope->hessian[R][R] = step.trigamma;
	slope->hessian[ALPHA][R] = 1 / alpha;
	slope->hessian[ALPHA][ALPHA] = -r / (alpha * alpha);
}

/* ---------------- BG/NBD and MBG/NBD ---------------- */

/* ln(alpha + day) and 1 / (alpha + day), ready for most days there are */
typedef struct Days
{
	double		alpha;
	double		day;
	int			n;
	const double *log;
	const double *inverse;
} Days;

static Days
make_days(const BuyerGroups *buyers, double alpha)
{
	Days		days = {alpha, buyers->day, 0, buyers->tables, NULL};
	int32_t		oldest = 0;

	for (size_t i = 0; i < buyers->n; i++)
		oldest = buyers->groups[i].age > oldest ? buyers->groups[i].age : oldest;
	days.n = oldest < DAY_TABLE ? oldest + 1 : DAY_TABLE;
	days.inverse = days.log + days.n;
	for (int i = 0; i < days.n; i++)
	{
		buyers->tables[i] = log(alpha + i * buyers->day);
		buyers->tables[days.n + i] = 1 / (alpha + i * buyers->day);
	}
	return days;
}

static inline double
log_of(const Days *days, int32_t day)
{
	return day < days->n ? days->log[day] : log(days->alpha + day * days->day);
}

static inline double
inverse_of(const Days *days, int32_t day)
{
	return day < days->n ? days->inverse[day] : 1 / (days->alpha + day * days->day);
}

/* ln B(a, b + m) - ln B(a, b) */
static void
add_chances(double a, double b, double m, Slope *slope)
{
	GammaStep	stay = gamma_step(b, m);
	GammaStep	both = gamma_step(a + b, m);

	slope->value += beta_step_log(a, b, m);
	slope->gradient[LEAVE] = -both.digamma;
	slope->gradient[STAY] = stay.digamma - both.digamma;
	slope->hessian[LEAVE][LEAVE] = -both.trigamma;
	slope->hessian[STAY][LEAVE] = -both.trigamma;
	slope->hessian[STAY][STAY] = stay.trigamma - both.trigamma;
}

/*
 * LSE(-n ln A, ln a - ln chances - n ln(alpha + t_x)): alive, or gone since
 * the last purchase
 */
static inline void
add_silence(const Days *days, const BuyerGroup *group, double n, double a, double chances, double log_leave,
			Slope *sum)
{
	double		count = group->customers;
	double		logA = log_of(days, group->age);
	double		invA = inverse_of(days, group->age);
	double		logt = log_of(days, group->t_x);
	double		invt = inverse_of(days, group->t_x);
	double		odds = log_leave + n * (logA - logt);
	double		small = exp(-fabs(odds));
	double		less = 1 / (1 + small);
	double		gone = odds < 0 ? small * less : less;
	double		both = small * less * less; /* gone * (1 - gone) */
	double		dr = logA - logt;
	double		dalpha = n * (invA - invt);
	double		da = 1 / a;
	double		db = -1 / chances;

	sum->value += count * (fmax(odds, 0) - n * logA + log(1 + small));
	sum->gradient[R] += count * (gone * dr - logA);
	sum->gradient[ALPHA] += count * (gone * dalpha - n * invA);
	sum->gradient[LEAVE] += count * gone * da;
	sum->gradient[STAY] += count * gone * db;
	sum->hessian[R][R] += count * both * dr * dr;
	sum->hessian[ALPHA][R] += count * (gone * (invA - invt) - invA + both * dr * dalpha);
	sum->hessian[ALPHA][ALPHA] += count *
		(n * (invA * invA + gone * (invt * invt - invA * invA)) + both * dalpha * dalpha);
	sum->hessian[LEAVE][R] += count * both * da * dr;
	sum->hessian[LEAVE][ALPHA] += count * both * da * dalpha;
	sum->hessian[LEAVE][LEAVE] += count * (both - gone) * da * da;
	sum->hessian[STAY][R] += count * both * db * dr;
	sum->hessian[STAY][ALPHA] += count * both * db * dalpha;
	sum->hessian[STAY][LEAVE] += count * both * db * da;
	sum->hessian[STAY][STAY] += count * (both + gone) * db * db;
}

/* the same where nobody can have gone */
static void
add_presence(const Days *days, const BuyerGroup *group, double n, Slope *sum)
{
	double		count = group->customers;
	double		invA = inverse_of(days, group->age);

	sum->value -= count * n * log_of(days, group->age);
	sum->gradient[R] -= count * log_of(days, group->age);
	sum->gradient[ALPHA] -= count * n * invA;
	sum->hessian[ALPHA][R] -= count * invA;
	sum->hessian[ALPHA][ALPHA] += count * n * invA * invA;
}

void
bg_likelihood(const BuyerGroups *buyers, const double *parameters, Slope *sum)
{
	int			k = buyers->kind == PURCHASES_MBG ? 1 : 0;
	double		r = parameters[R];
	double		a = parameters[LEAVE];
	double		b = parameters[STAY];
	Days		days = make_days(buyers, parameters[ALPHA]);

	for (size_t i = 0; i < buyers->n;)
	{
		double		x = buyers->groups[i].x;
		double		chances = b + x - 1 + k;
		double		log_leave = log(a / chances);
		double		customers = 0;
		Slope		slope = {0};

		for (; i < buyers->n && buyers->groups[i].x == x; i += buyers->step)
		{
			check_interrupt(buyers->interrupt, i / buyers->step);
			customers += buyers->groups[i].customers;
			if (x + k == 0)
				add_presence(&days, &buyers->groups[i], r, sum);
			else
				add_silence(&days, &buyers->groups[i], r + x, a, chances, log_leave, sum);
		}
		rate_slope(r, parameters[ALPHA], x, &slope);
		add_chances(a, b, x + k, &slope);
		add_slope(sum, &slope, customers, PURCHASE_PARAMETERS);
	}
	mirror(sum, PURCHASE_PARAMETERS);
}

/* ---------------- Pareto/NBD ---------------- */

/*
 * ln of the integral t_x..T of (alpha+y)^-n (beta+y)^-(s+1) dy: its derivatives
 * are those of the integrand's logarithm on average, its second ones their
 * covariance and the average of the second ones.
 */
static void
leaving_slope(double n, double alpha, double s, double beta, double t_x, double T, Slope *slope)
{
	Decay		decay = {alpha + t_x, n, beta + t_x, s + 1, 0};
	DecayNode	nodes[DECAY_NODES];
	int			count = decay_nodes(&decay, T - t_x, nodes);
	double		sum = 0;
	/* the integrand's derivatives at t_x; averages are of what they are beyond these */
	double		first[4] = {-log(decay.p), -n / decay.p, -log(decay.q), -(s + 1) / decay.q};
	double		mean[4] = {0};
	double		product[4][4] = {{0}};
	double		inverse_p = 0,
				inverse_q = 0,
				square_p = 0,
				square_q = 0;

	for (int i = 0; i < count; i++)
	{
		double		share = nodes[i].share;
		double		p = 1 / (decay.p + nodes[i].v);
		double		q = 1 / (decay.q + nodes[i].v);
		double		d[4] = {-nodes[i].log_p, n * nodes[i].v * p / decay.p,
		-nodes[i].log_q, (s + 1) * nodes[i].v * q / decay.q};

		sum += share;
		inverse_p += share * p;
		inverse_q += share * q;
		square_p += share * p * p;
		square_q += share * q * q;
		for (int j = 0; j < 4; j++)
		{
			mean[j] += share * d[j];
			for (int k = 0; k <= j; k++)
				product[j][k] += share * d[j] * d[k];
		}
	}
	/* cppcheck-suppress invalidFunctionArg */
	slope->value = log(sum) - n * log(decay.p) - (s + 1) * log(decay.q);
	for (int j = 0; j < 4; j++)
	{
		slope->gradient[j] = first[j] + mean[j] / sum;
		for (int k = 0; k <= j; k++)
			slope->hessian[j][k] = product[j][k] / sum - mean[j] / sum * (mean[k] / sum);
	}
	slope->hessian[ALPHA][R] -= inverse_p / sum;
	slope->hessian[ALPHA][ALPHA] += n * square_p / sum;
	slope->hessian[STAY][LEAVE] -= inverse_q / sum;
	slope->hessian[STAY][STAY] += (s + 1) * square_q / sum;
}

/* LSE(-n ln A - s ln(beta+T), ln s + ln I): there at T, or gone between t_x and T */
static void
presence_slope(const double *parameters, double x, double t_x, double T, Slope *slope)
{
	double		n = parameters[R] + x;
	double		s = parameters[LEAVE];
	double		A = parameters[ALPHA] + T;
	double		G = parameters[STAY] + T;
	double		there[4] = {-log(A), -n / A, -log(G), -s / G};
	double		value = -n * log(A) - s * log(G);
	Slope		left = {0};
	double		odds;
	double		small;
	double		gone;
	double		both;

	slope->value = value;
	for (int i = 0; i < 4; i++)
		slope->gradient[i] = there[i];
	slope->hessian[ALPHA][R] = -1 / A;
	slope->hessian[ALPHA][ALPHA] = n / (A * A);
	slope->hessian[STAY][LEAVE] = -1 / G;
	slope->hessian[STAY][STAY] = s / (G * G);
	if (T <= t_x)
		return;

	leaving_slope(n, parameters[ALPHA], s, parameters[STAY], t_x, T, &left);
	left.gradient[LEAVE] += 1 / s;
	left.hessian[LEAVE][LEAVE] -= 1 / (s * s);
	odds = log(s) + left.value - value;
	small = exp(-fabs(odds));
	gone = odds < 0 ? small / (1 + small) : 1 / (1 + small);
	both = small / ((1 + small) * (1 + small));

	slope->value += fmax(odds, 0) + log1p(small);
	for (int i = 0; i < 4; i++)
	{
		slope->gradient[i] += gone * (left.gradient[i] - there[i]);
		for (int j = 0; j <= i; j++)
			slope->hessian[i][j] += gone * (left.hessian[i][j] - slope->hessian[i][j]) +
				both * (left.gradient[i] - there[i]) * (left.gradient[j] - there[j]);
	}
}

void
pareto_likelihood(const BuyerGroups *buyers, const double *parameters, Slope *sum)
{
	double		s = parameters[LEAVE];
	double		beta = parameters[STAY];
	double		customers = 0;

	for (size_t i = 0; i < buyers->n;)
	{
		double		x = buyers->groups[i].x;
		double		same = 0;
		Slope		slope = {0};

		for (; i < buyers->n && buyers->groups[i].x == x; i += buyers->step)
		{
			const BuyerGroup *group = &buyers->groups[i];
			Slope		presence = {0};

			check_interrupt(buyers->interrupt, i / buyers->step * (INTERRUPT_EVERY / 32));
			presence_slope(parameters, x, group->t_x * buyers->day, group->age * buyers->day, &presence);
			add_slope(sum, &presence, group->customers, PURCHASE_PARAMETERS);
			same += group->customers;
		}
		rate_slope(parameters[R], parameters[ALPHA], x, &slope);
		add_slope(sum, &slope, same, PURCHASE_PARAMETERS);
		customers += same;
	}
	/* s ln beta */
	sum->value += customers * s * log(beta);
	sum->gradient[LEAVE] += customers * log(beta);
	sum->gradient[STAY] += customers * s / beta;
	sum->hessian[STAY][LEAVE] += customers / beta;
	sum->hessian[STAY][STAY] -= customers * s / (beta * beta);
	mirror(sum, PURCHASE_PARAMETERS);
}

/* ---------------- Gamma-Gamma ---------------- */

enum
{
	P, Q, GAMMA
};

#define SPEND_PARAMETERS 3

/* what depends on x alone: lnG(px+q) - lnG(px) - lnG(q) */
static void
spend_slope(double p, double q, const GammaStep *at_q, double x, Slope *slope)
{
	GammaStep	from_x = gamma_step(p * x, q);
	GammaStep	from_q = gamma_step(q, p * x);

	slope->value = from_x.log - at_q->log;
	slope->gradient[P] = x * from_x.digamma;
	slope->gradient[Q] = from_q.digamma;
	slope->hessian[P][P] = x * x * from_x.trigamma;
	slope->hessian[Q][P] = x * (at_q->trigamma + from_q.trigamma);
	slope->hessian[Q][Q] = from_q.trigamma;
}

void
spend_likelihood(const SpendGroups *spends, const double *parameters, Slope *sum)
{
	double		p = parameters[P];
	double		q = parameters[Q];
	double		g = parameters[GAMMA] * spends->unit;
	double		unit = spends->unit;
	double		log_unit = log(g);
	GammaStep	at_q = gamma_value(q);

	for (size_t i = 0; i < spends->n;)
	{
		double		x = spends->groups[i].x;
		double		log_x = log(x);
		double		customers = 0;
		Slope		slope = {0};

		for (; i < spends->n && spends->groups[i].x == x; i += spends->step)
		{
			const SpendGroup *group = &spends->groups[i];
			double		count = group->customers;
			double		both = 1 / (g + group->sum);
			double		log_g = log1p(group->sum / g);	/* -ln g/(g+sum) */
			double		log_own = log(group->sum);
			double		log_sum = log_g + log_unit - log_own;	/* -ln sum/(g+sum) */

			check_interrupt(spends->interrupt, i / spends->step);
			customers += count;
			sum->value -= count * (q * log_g + p * x * log_sum + log_own - log_x);
			sum->gradient[P] -= count * x * log_sum;
			sum->gradient[Q] -= count * log_g;
			sum->gradient[GAMMA] += count * unit * both * (q * group->sum / g - p * x);
			sum->hessian[GAMMA][P] -= count * unit * x * both;
			sum->hessian[GAMMA][Q] += count * unit * group->sum * both / g;
			sum->hessian[GAMMA][GAMMA] += count * unit * unit * ((p * x + q) * both * both - q / (g * g));
		}
		spend_slope(p, q, &at_q, x, &slope);
		add_slope(sum, &slope, customers, SPEND_PARAMETERS);
	}
	mirror(sum, SPEND_PARAMETERS);
}

/* ---------------- sBG ---------------- */

void
renewal_likelihood(const SpellGroups *spells, const double *parameters, Slope *sum)
{
	enum
	{
		A, B
	};
	double		a = parameters[A];
	double		b = parameters[B];

	for (size_t i = 0; i < spells->n; i++)
	{
		const SpellGroup *group = &spells->groups[i];
		double		kept = group->lost ? group->renewal - 1.0 : group->renewal;
		double		count = (double) group->spells;
		GammaStep	stay = gamma_step(b, kept);
		GammaStep	all = gamma_step(a + b, kept);

		check_interrupt(spells->interrupt, i);
		sum->value += count * beta_step_log(a, b, kept);
		sum->gradient[A] -= count * all.digamma;
		sum->gradient[B] += count * (stay.digamma - all.digamma);
		sum->hessian[A][A] -= count * all.trigamma;
		sum->hessian[B][A] -= count * all.trigamma;
		sum->hessian[B][B] += count * (stay.trigamma - all.trigamma);
		if (group->lost)
		{
			double		chances = a + b + kept;

			sum->value += count * log(a / chances);
			sum->gradient[A] += count * (1 / a - 1 / chances);
			sum->gradient[B] -= count / chances;
			sum->hessian[A][A] += count * (1 / (chances * chances) - 1 / (a * a));
			sum->hessian[B][A] += count / (chances * chances);
			sum->hessian[B][B] += count / (chances * chances);
		}
	}
	mirror(sum, 2);
}
