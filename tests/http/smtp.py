"""A mail server for tests: smtp.py CERT KEY LOG [MODE], its port on standard
output.

Debian's aiosmtpd: STARTTLS is demanded, AUTH is checked (box:geheim), and each
mail is parsed by Python's email package, strictly, into a line of LOG.  A local
part says what is answered: "full" 452 and "nobody" 550 to RCPT, "spam" 554 and
"later" 451 to the mail itself, "first-..." 451 the first time.

MODE is "bare": no STARTTLS is offered, and who would log in or send is a line of
LOG; or "inject": an answer is put behind that to STARTTLS, as somebody between
would do to be read inside, and what comes then is a line of LOG.
"""
import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult

cert, key, log = sys.argv[1:4]
mode = sys.argv[4] if len(sys.argv) > 4 else ""
seen = set()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        box = address.split("@")[0]
        if box == "full":
            return "452 mailbox full"
        if box == "nobody":
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        box = envelope.rcpt_tos[0].split("@")[0]
        if box == "spam":
            return "554 not wanted"
        if box == "later":
            return "451 try later"
        if box.startswith("first") and box not in seen:
            seen.add(box)
            return "451 try later"
        raw = envelope.content
        mail = message_from_bytes(raw, policy=policy.default)
        parts = {p.get_content_type(): p.get_content().replace("\r\n", "\n")
                 for p in mail.walk() if not p.is_multipart()}
        with open(log, "a") as f:
            f.write(json.dumps({
                "type": mail.get_content_type(),
                "order": [p.get_content_type() for p in mail.walk()],
                "from": envelope.mail_from, "to": envelope.rcpt_tos,
                "tls": session.ssl is not None, "user": str(session.auth_data),
                "headers": [[k, str(v)] for k, v in mail.items()],
                "parts": parts, "defects": [str(d) for d in mail.defects],
                "longest": max(len(x) for x in raw.split(b"\r\n")),
                "ascii": raw.isascii(), "bare": raw.replace(b"\r\n", b"").count(b"\n"),
            }, sort_keys=True, ensure_ascii=False) + "\n")
        return "250 taken"


def authenticator(server, session, envelope, mechanism, data):
    ok = data.login == b"box" and data.password == b"geheim"
    return AuthResult(success=ok, auth_data=data.login.decode())


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert, key)


def note(said):
    with open(log, "a") as f:
        f.write(json.dumps({"said": said}) + "\n")


async def between(reader, writer):
    writer.write(b"220 localhost ESMTP\r\n")
    while line := await reader.readline():
        word = line[:8].upper()
        if word.startswith(b"EHLO") and mode == "bare":
            writer.write(b"250-localhost\r\n250 AUTH PLAIN LOGIN\r\n")
        elif word.startswith(b"EHLO"):
            writer.write(b"250-localhost\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
        elif word == b"STARTTLS" and mode == "inject":
            writer.write(b"220 go ahead\r\n250 who is there\r\n")
        elif word.startswith(b"QUIT"):
            break
        else:
            note(line.hex())
            break
    writer.close()


async def serve():
    loop = asyncio.get_running_loop()
    if mode:
        server = await asyncio.start_server(between, "127.0.0.1", 0)
    else:
        server = await loop.create_server(
            lambda: SMTP(Handler(), hostname="localhost", tls_context=context,
                         require_starttls=True, authenticator=authenticator,
                         auth_required=True, loop=loop),
            host="127.0.0.1", port=0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
