#include "lib/emit/mail.h"

#include <ctype.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"

#define LINE_MAX_N 76 /* RFC 2045 and 2047 */
#define BOX_MAX 254   /* RFC 5321 */

/* ---- addresses ---- */

static bool
is_atext(char c)
{
	return isalnum((unsigned char)c) ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* dot-atom: neither quotes nor comments, which only attackers write. */
static bool
is_local(struct cdp_str s)
{
	if (s.n == 0 || s.n > 64 || s.p[0] == '.' || s.p[s.n - 1] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_atext(s.p[i]) &&
		    (s.p[i] != '.' || (i + 1 < s.n && s.p[i + 1] == '.')))
			return false;
	return true;
}

static bool
is_host(struct cdp_str s)
{
	bool label = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && !label)
			return false;
		if (s.p[i] != '.' && s.p[i] != '-' &&
		    !isalnum((unsigned char)s.p[i]))
			return false;
		label = s.p[i] != '.';
	}
	return label && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

/* What stands before the box, without quotes around it. */
static struct cdp_str
split(struct cdp_str s, struct cdp_str *box)
{
	const char *open = memrchr(s.p, '<', s.n);
	struct cdp_str name = { s.p, 0 };

	*box = s;
	if (open == NULL || s.p[s.n - 1] != '>')
		return name;
	*box = (struct cdp_str){ open + 1, s.n - (size_t)(open - s.p) - 2 };
	name.n = (size_t)(open - s.p);
	while (name.n != 0 && name.p[name.n - 1] == ' ')
		name.n--;
	if (name.n > 1 && name.p[0] == '"' && name.p[name.n - 1] == '"')
		name = (struct cdp_str){ name.p + 1, name.n - 2 };
	return name;
}

int
cdp_mail_box(struct cdp_str address, struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_str box, local, host;
	const char *at;

	if (address.n != 0) {
		split(address, &box);
		at = memrchr(box.p, '@', box.n);
		if (at != NULL && box.n <= BOX_MAX) {
			local = (struct cdp_str){ box.p, (size_t)(at - box.p) };
			host = (struct cdp_str){ at + 1, box.n - local.n - 1 };
			*ret = box;
			if (is_local(local) && host.n != 0 && is_host(host))
				return 0;
		}
	}
	return cdp_fail(err, CDP_EDATA, "is no address of mail");
}

/* ---- headers ---- */

static bool
has_control(struct cdp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool
is_ascii(struct cdp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > '~')
			return false;
	return true;
}

/* How many bytes the character at the front has. */
static size_t
step_of(struct cdp_str s)
{
	size_t n = 1;

	while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/*
 * Text as encoded words of RFC 2047, whole characters in each, so long that a
 * line holds one; at is how long the line is already.
 */
static void
put_words(struct cdp_buf *b, struct cdp_str s, size_t at)
{
	static const char open[] = "=?UTF-8?Q?";
	bool any = false;

	while (s.n != 0) {
		size_t room = LINE_MAX_N - at - sizeof(open) - 2;

		if (any)
			cdp_buf_puts(b, "\r\n ");
		cdp_buf_puts(b, open);
		while (s.n != 0) {
			size_t n = step_of(s), cost = 0;

			for (size_t i = 0; i < n; i++)
				cost += isalnum((unsigned char)s.p[i]) ||
					s.p[i] == ' '
				    ? 1
				    : 3;
			if (cost > room)
				break;
			room -= cost;
			for (size_t i = 0; i < n; i++)
				if (isalnum((unsigned char)s.p[i]))
					cdp_buf_putc(b, s.p[i]);
				else if (s.p[i] == ' ')
					cdp_buf_putc(b, '_');
				else
					cdp_buf_printf(
					    b, "=%02X", (unsigned char)s.p[i]);
			s = (struct cdp_str){ s.p + n, s.n - n };
		}
		cdp_buf_puts(b, "?=");
		any = true;
		at = 1;
	}
}

/* Plain if it fits so; what looks like an encoded word is encoded, too. */
static void
put_text(struct cdp_buf *b, struct cdp_str s, size_t at)
{
	if (is_ascii(s) && at + s.n <= LINE_MAX_N &&
	    memmem(s.p, s.n, "=?", 2) == NULL)
		cdp_buf_put(b, s);
	else
		put_words(b, s, at);
}

static int
put_address(struct cdp_buf *b, const char *header, struct cdp_str address,
    struct cdp_err *err)
{
	struct cdp_str box, name;
	bool atoms = true;

	if (has_control(address) || cdp_mail_box(address, &box, NULL) != 0)
		return cdp_fail(
		    err, CDP_EDATA, "%s is no address of mail", header);
	name = split(address, &box);
	for (size_t i = 0; i < name.n; i++)
		atoms = atoms && (is_atext(name.p[i]) || name.p[i] == ' ');
	cdp_buf_printf(b, "%s: ", header);
	if (name.n == 0) {
		cdp_buf_put(b, box);
	} else {
		if (atoms)
			put_text(b, name, strlen(header) + 2);
		else
			put_words(b, name, strlen(header) + 2);
		cdp_buf_puts(b, "\r\n <");
		cdp_buf_put(b, box);
		cdp_buf_putc(b, '>');
	}
	cdp_buf_puts(b, "\r\n");
	return 0;
}

static void
put_date(struct cdp_buf *b, int64_t ts_ms)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)(ts_ms / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	cdp_buf_printf(b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ---- parts ---- */

/* Quoted-printable: lines of 76, no blank at the end of one, CRLF. */
static void
put_part(struct cdp_buf *b, const char *type, struct cdp_str s)
{
	size_t at = 0;

	cdp_buf_printf(b,
	    "Content-Type: text/%s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	    type);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool last =
		    i + 1 == s.n || s.p[i + 1] == '\n' || s.p[i + 1] == '\r';
		bool plain = (c > ' ' && c < 0x7f && c != '=') ||
		    ((c == ' ' || c == '\t') && !last);

		if (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
			continue;
		if (c == '\n') {
			cdp_buf_puts(b, "\r\n");
			at = 0;
			continue;
		}
		if (at + (plain ? 1 : 3) > LINE_MAX_N - 1) {
			cdp_buf_puts(b, "=\r\n");
			at = 0;
		}
		if (plain)
			cdp_buf_putc(b, (char)c);
		else
			cdp_buf_printf(b, "=%02X", c);
		at += plain ? 1 : 3;
	}
	cdp_buf_puts(b, "\r\n");
}

static void
put_body(struct cdp_buf *b, const struct cdp_mail *m)
{
	if (m->html.n == 0 || m->text.n == 0) {
		put_part(b, m->html.n != 0 ? "html" : "plain",
		    m->html.n != 0 ? m->html : m->text);
		return;
	}
	/* No line of quoted-printable has "=_" in it. */
	cdp_buf_printf(b,
	    "Content-Type: multipart/alternative;\r\n"
	    " boundary=\"=_%.*s\"\r\n\r\n",
	    (int)m->key.n, m->key.p);
	cdp_buf_printf(b, "--=_%.*s\r\n", (int)m->key.n, m->key.p);
	put_part(b, "plain", m->text);
	cdp_buf_printf(b, "--=_%.*s\r\n", (int)m->key.n, m->key.p);
	put_part(b, "html", m->html);
	cdp_buf_printf(b, "--=_%.*s--\r\n", (int)m->key.n, m->key.p);
}

/* ---- all of it ---- */

static int
put_unsubscribe(struct cdp_buf *b, struct cdp_str url, struct cdp_err *err)
{
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || (unsigned char)url.p[i] > '~' ||
		    strchr("<>\"", url.p[i]) != NULL)
			return cdp_fail(
			    err, CDP_EDATA, "unsubscribe is no url");
	cdp_buf_puts(b, "List-Unsubscribe:\r\n <");
	cdp_buf_put(b, url);
	cdp_buf_puts(b, ">\r\n");
	/* One click (RFC 8058) is a POST, of https alone. */
	if (cdp_str_starts(url, CDP_STR("https://")))
		cdp_buf_puts(
		    b, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
	return 0;
}

static int
put_headers(struct cdp_buf *b, const struct cdp_mail *m, struct cdp_err *err)
{
	struct cdp_str box = { 0 };
	const char *host;
	int rc;

	if ((rc = put_address(b, "From", m->from, err)) != 0 ||
	    (rc = put_address(b, "To", m->to, err)) != 0 ||
	    (m->reply_to.n != 0 &&
		(rc = put_address(b, "Reply-To", m->reply_to, err)) != 0))
		return rc;
	if (has_control(m->subject) || m->subject.n == 0)
		return cdp_fail(err, CDP_EDATA,
		    m->subject.n == 0
			? "a mail needs a subject"
			: "the subject has a control character in it");
	cdp_buf_puts(b, "Subject: ");
	put_text(b, m->subject, 9);
	cdp_buf_puts(b, "\r\n");
	put_date(b, m->ts_ms);
	cdp_mail_box(m->from, &box, NULL);
	host = (const char *)memrchr(box.p, '@', box.n) + 1;
	cdp_buf_printf(b, "Message-ID: <%.*s@%.*s>\r\n", (int)m->key.n,
	    m->key.p, (int)(box.p + box.n - host), host);
	if (m->unsubscribe.n != 0 &&
	    (rc = put_unsubscribe(b, m->unsubscribe, err)) != 0)
		return rc;
	cdp_buf_puts(b, "MIME-Version: 1.0\r\n");
	return 0;
}

int
cdp_mail_write(const struct cdp_mail *m, struct cdp_arena *mem,
    struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	int rc = put_headers(&b, m, err);

	if (rc == 0 && m->text.n == 0 && m->html.n == 0)
		rc = cdp_fail(
		    err, CDP_EDATA, "a mail needs a text, or html, or both");
	if (rc == 0) {
		put_body(&b, m);
		*ret = cdp_arena_dup(mem, cdp_buf_str(&b));
	}
	cdp_buf_free(&b);
	return rc;
}
