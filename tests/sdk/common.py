"""What the three suites share: the store's introduction, the table of expectations, and the count."""
import re
import sys
import tomllib


class Account:
    def __init__(self, name, provider, region, key_id, secret, token=None):
        self.name, self.provider, self.region = name, provider, region
        self.key_id, self.secret, self.token = key_id, secret, token


class World:
    """The introduction that `demo --serve` prints: the ready config, and the accounts that are not in it."""

    def __init__(self, path):
        text = open(path, encoding='utf-8').read()
        config = tomllib.loads(text.split('# --- config\n', 1)[1].split('# --- end of config\n', 1)[0])
        self.accounts = {}
        for row in re.finditer(r'^  (\S+) +(s3|oss) +(\S+) .*\n +id (\S+), secret (\S+)\n(?: +token (\S+)\n)?', text, re.M):
            self.accounts[row[1]] = Account(*row.groups())
        for name, given in config['accounts'].items():
            mine = self.accounts[name]
            assert (mine.key_id, mine.secret) == (given['access_key_id'], given['access_key_secret'])
            assert mine.token == given.get('session_token')
            assert given['endpoint'] == given['sts_endpoint']
            self.endpoint = given['endpoint']


class Result:
    """What came back, whatever the SDK calls it. `charged` is None where the SDK cannot say."""

    def __init__(self, status, code=None, ec=None, charged=False, message='', value=None):
        self.status, self.code, self.ec, self.charged = status, code, ec, charged
        self.message, self.value = message, value


class Suite:
    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def check(self, what, got, want):
        if got == want:
            self.passed += 1
        else:
            self.failed += 1
            print(f'FAILED {self.name}: {what}: got {got!r}, want {want!r}')

    def end(self):
        print(f'{self.name}: {self.passed} passed, {self.failed} failed')
        sys.exit(1 if self.failed else 0)


READS = ('HeadObject', 'GetObject', 'ListObjects', 'ListObjectsV2')
WRITES = ('PutObject', 'DeleteObject', 'DeleteObjects')

# A requester-pays bucket that is shared with one requester.
# who, payer said -> status, OSS EC, charged (where the answer can say so)
REQUESTER_PAYS = {
    ('owner', False): (200, None, False),
    ('owner', True): (200, None, False),
    ('requester', False): (403, '0003-00000703', False),
    ('requester', True): (200, None, True),
    ('stranger', False): (403, '0003-00000703', False),
    ('stranger', True): (403, '0003-00000001', False),
    ('anonymous', False): (403, '0003-00000701', False),
    ('anonymous', True): (403, '0003-00000701', False),
}

# A bucket that everybody may read and whose owner pays: reading, then writing.
OWNER_PAYS = {
    ('owner', False): (200, 200),
    ('owner', True): (200, 200),
    ('requester', False): (200, 403),
    ('requester', True): (200, 403),
    ('stranger', False): (200, 403),
    ('stranger', True): (200, 403),
    ('anonymous', False): (200, 403),
    ('anonymous', True): (200, 403),
}

# Operations that only the owner may call, whatever is said about paying.
OWNER_ONLY = {
    'owner': (200, None),
    'requester': (403, '0003-00000001'),
    'stranger': (403, '0003-00000001'),
    'anonymous': (403, '0003-00000001'),
}
