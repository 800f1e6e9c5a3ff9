"""oss2 against the embedded store, with V1 and V4 signatures.    oss_oss2.py INTRODUCTION"""
import sys
import time
import urllib.error
import urllib.request

import oss2
from oss2.models import PAYER_BUCKETOWNER, PAYER_REQUESTER

from common import OWNER_ONLY, OWNER_PAYS, READS, REQUESTER_PAYS, WRITES, Result, Suite, World

world = World(sys.argv[1])
ACTORS = {'owner': 'lab', 'requester': 'partner', 'stranger': 'oss-stranger', 'anonymous': None}
HEADER = 'x-oss-request-payer'


def auth(name, version, key_id=None, secret=None, token=None):
    if name is None:
        return oss2.AnonymousAuth()
    account = world.accounts[name]
    token = token or account.token
    if token:
        return oss2.StsAuth(key_id or account.key_id, secret or account.secret, token, auth_version=version)
    kind = oss2.AuthV4 if version == 'v4' else oss2.Auth
    return kind(key_id or account.key_id, secret or account.secret)


def bucket(name, which, version, region='cn-hangzhou', **keys):
    return oss2.Bucket(auth(name, version, **keys), world.endpoint, which, region=region, is_path_style=True)


def call(function, *arguments, **named):
    try:
        answer = function(*arguments, **named)
    except oss2.exceptions.ServerError as error:
        return Result(error.status, error.code, error.details.get('EC') or error.headers.get('x-oss-ec'),
                      'x-oss-request-charged' in error.headers, error.message)
    if hasattr(answer, 'read'):
        answer.read()
    headers = getattr(answer, 'headers', {})
    status = getattr(answer, 'status', 200)
    return Result(200 if status == 204 else status, charged='x-oss-request-charged' in headers, value=answer)


def objects(store, payer):
    extra = {'headers': {HEADER: 'requester'}} if payer else {}
    return {
        'HeadObject': lambda: call(store.head_object, 'index.html', **extra),
        'GetObject': lambda: call(store.get_object, 'index.html', **extra),
        'GetObjectMeta': lambda: call(store.get_object_meta, 'index.html', **extra),
        'ListObjects': lambda: call(store.list_objects, **extra),
        'ListObjectsV2': lambda: call(store.list_objects_v2, **extra),
        'PutObject': lambda: call(store.put_object, 'sdk/one', b'one', **extra),
        'DeleteObject': lambda: call(store.delete_object, 'sdk/one', **extra),
        'DeleteObjects': lambda: call(store.batch_delete_objects, ['sdk/one', 'sdk/zwei & <drei>'], **extra),
    }


def matrix(suite, version):
    call(bucket('lab', 'lab-microscopy', version).put_object, 'index.html', b'here')
    for (who, payer), (status, ec, charged) in REQUESTER_PAYS.items():
        for operation, run in objects(bucket(ACTORS[who], 'lab-microscopy', version), payer).items():
            got = run()
            suite.check(f'lab-microscopy {operation} {who} payer={payer}', (got.status, got.ec, got.charged),
                        (status, ec, charged and operation == 'HeadObject'))
    for (who, payer), (reading, writing) in OWNER_PAYS.items():
        for operation, run in objects(bucket(ACTORS[who], 'color-atlas', version), payer).items():
            got = run()
            status = writing if operation in WRITES else reading
            suite.check(f'color-atlas {operation} {who} payer={payer}', (got.status, got.ec, got.charged),
                        (status, None if status == 200 else '0003-00000001', False))
    assert set(READS + WRITES) < set(objects(bucket(None, 'color-atlas', version), False))


def bucket_operations(suite, version):
    for who, (status, ec) in OWNER_ONLY.items():
        for name, value in (('lab-microscopy', PAYER_REQUESTER), ('color-atlas', PAYER_BUCKETOWNER)):
            store = bucket(ACTORS[who], name, version)
            rows = {
                'GetBucketLocation': lambda: call(store.get_bucket_location),
                'GetBucketInfo': lambda: call(store.get_bucket_info),
                'GetBucketStat': lambda: call(store.get_bucket_stat),
                'GetBucketRequestPayment': lambda: call(store.get_bucket_request_payment),
                'PutBucketRequestPayment': lambda: call(store.put_bucket_request_payment, value),
            }
            for operation, run in rows.items():
                got = run()
                suite.check(f'{name} {operation} {who}', (got.status, got.ec), (status, ec))
                if operation == 'GetBucketRequestPayment' and status == 200:
                    suite.check(f'{name} payer', got.value.payer, value)
                if operation == 'GetBucketLocation' and status == 200:
                    suite.check(f'{name} location', got.value.location, 'oss-cn-hangzhou')


def service(suite, version):
    def all_of(name, **keys):
        return call(oss2.Service(auth(name, version, **keys), world.endpoint, region='cn-hangzhou').list_buckets, max_keys=4)
    got = all_of('lab')
    suite.check('ListBuckets', (len(got.value.buckets), got.value.is_truncated, got.value.next_marker), (4, True, 'lab-odd-keys'))
    names = [row.name for row in oss2.BucketIterator(oss2.Service(auth('lab', version), world.endpoint, region='cn-hangzhou'), max_keys=4)]
    suite.check('ListBuckets pages', (len(names), names == sorted(names), 'color-atlas' in names), (9, True, True))
    suite.check('ListBuckets partner', len(all_of('partner').value.buckets), 2)
    suite.check('ListBuckets stranger', len(all_of('oss-stranger').value.buckets), 0)
    rows = {
        'wrong secret': (dict(name='lab', secret='wrong'), (403, 'SignatureDoesNotMatch', '0002-00000201')),
        'unknown key': (dict(name='lab', key_id='LTAInobody'), (403, 'InvalidAccessKeyId', '0002-00000902')),
        'wrong token': (dict(name='partner', token='wrong'), (403, 'InvalidSecurityToken', '0002-00000006')),
        'token without need': (dict(name='lab', token='any'), (403, 'InvalidAccessKeyId', '0002-00000002')),
        'expired token': (dict(name='oss-expired'), (403, 'SecurityTokenExpired', '0002-00000007')),
    }
    for name, (arguments, want) in rows.items():
        got = all_of(**arguments)
        suite.check(name, (got.status, got.code, got.ec), want)


def payer_changes(suite, version):
    store = bucket('lab', 'color-atlas', version)
    for payer in (PAYER_REQUESTER, PAYER_BUCKETOWNER):
        suite.check(f'put {payer}', call(store.put_bucket_request_payment, payer).status, 200)
        suite.check('read back', call(store.get_bucket_request_payment).value.payer, payer)
    rows = {
        'unknown payer': ('color-atlas', 'Nobody', (400, 'InvalidArgument', '0035-00000002')),
        'policy': ('lab-restricted', PAYER_REQUESTER, (403, 'AccessDenied', '0003-00000101')),
        'no such setting': ('lab-classic', PAYER_REQUESTER, (501, 'NotImplemented', '0017-00000001')),
        'no such bucket': ('no-such-bucket-here', PAYER_REQUESTER, (404, 'NoSuchBucket', '0015-00000101')),
    }
    for name, (which, payer, want) in rows.items():
        got = call(bucket('lab', which, version).put_bucket_request_payment, payer)
        suite.check(f'put payer: {name}', (got.status, got.code, got.ec), want)
    got = call(bucket('lab', 'lab-shanghai', version).get_bucket_request_payment)
    # V1 signs no region.
    want = (403, '0003-00001403') if version == 'v4' else (200, None)
    suite.check('another region', (got.status, got.ec), want)


def contents(suite, version):
    store = bucket('lab', 'telescope-feed', version)
    keys = [row.key for row in oss2.ObjectIteratorV2(store, max_keys=1000)]
    suite.check('five thousand keys', (len(keys), keys == sorted(keys)), (5000, True))
    folders = [row.key for row in oss2.ObjectIterator(store, prefix='readings/', delimiter='/')]
    suite.check('folders', folders, [f'readings/00{place}/' for place in range(5)])
    store = bucket('lab', 'lab-odd-keys', version)
    odd = [row.key for row in oss2.ObjectIterator(store)]
    suite.check('odd keys', (len(odd), '   ' in odd, 'bidi-\u202egpj.exe' in odd, max(len(key.encode()) for key in odd)), (22, True, True, 1023))
    for key in odd:
        if key == '..':
            continue  # the HTTP library folds it after signing
        suite.check(f'get {key!r}', call(store.get_object, key).status, 200)
    suite.check('overwrite', call(store.put_object, 'same', b'', headers={'x-oss-forbid-overwrite': 'true'}).code, 'FileAlreadyExists')
    suite.check('acl', call(store.get_object_acl, 'same').value.acl, 'default')
    suite.check('missing', call(store.get_object, 'missing').ec, '0026-00000001')
    suite.check('range', call(store.get_object, 'same', byte_range=(0, 9)).status, 206)


def multipart(suite, version):
    """The SDK compares every CRC-64 with the answer by itself."""
    store = bucket('lab', 'color-atlas', version)
    body = bytes(range(256)) * 1600  # 400 KiB
    id = store.init_multipart_upload('sdk/big', headers={'x-oss-meta-reel': '7'}).upload_id
    parts = []
    for number, piece in enumerate((body[:150 << 10], body[150 << 10:]), 1):
        got = store.upload_part('sdk/big', id, number, piece)
        parts.append(oss2.models.PartInfo(number, got.etag, size=len(piece), part_crc=got.crc))
    listed = [(part.part_number, part.size) for part in oss2.PartIterator(store, 'sdk/big', id, max_parts=1)]
    suite.check('parts', listed, [(1, 150 << 10), (2, 250 << 10)])
    found = [(row.key, row.upload_id) for row in oss2.MultipartUploadIterator(store, prefix='sdk/', max_uploads=1)]
    suite.check('uploads', found, [('sdk/big', id)])
    wrong = call(store.complete_multipart_upload, 'sdk/big', id, [oss2.models.PartInfo(1, 'A' * 32), parts[1]])
    suite.check('wrong part', (wrong.status, wrong.code), (400, 'InvalidPart'))
    done = store.complete_multipart_upload('sdk/big', id, parts)
    suite.check('done', (done.status, done.crc is not None, done.etag.endswith('-2')), (200, True, True))
    got = store.get_object('sdk/big')
    suite.check('read back', (got.read() == body, got.headers['x-oss-meta-reel']), (True, '7'))
    id = store.init_multipart_upload('sdk/copy').upload_id
    piece = store.upload_part_copy('color-atlas', 'sdk/big', (0, (200 << 10) - 1), 'sdk/copy', id, 1)
    store.complete_multipart_upload('sdk/copy', id, [oss2.models.PartInfo(1, piece.etag)])
    suite.check('copied part', store.get_object('sdk/copy').read() == body[:200 << 10], True)
    id = store.init_multipart_upload('sdk/left').upload_id
    suite.check('abort', (call(store.abort_multipart_upload, 'sdk/left', id).status, call(store.abort_multipart_upload, 'sdk/left', id).code), (200, 'NoSuchUpload'))
    other = bucket('partner', 'lab-microscopy', version)
    suite.check('requester, silent', call(other.init_multipart_upload, 'sdk/x').ec, '0003-00000703')
    suite.check('requester', call(other.init_multipart_upload, 'sdk/x', headers={HEADER: 'requester'}).status, 200)


def details(suite, version):
    store = bucket('lab', 'lab-raw-frames', version)
    versions = [store.put_object('sdk/frame', text, headers={'x-oss-tagging': 'a=1'}).versionid for text in (b'one', b'two')]
    suite.check('version', store.get_object('sdk/frame', params={'versionId': versions[0]}).read(), b'one')
    gone = store.delete_object('sdk/frame')
    suite.check('marker', (gone.delete_marker, call(store.get_object, 'sdk/frame').code), (True, 'NoSuchKey'))
    page = store.list_object_versions(prefix='sdk/frame')
    suite.check('versions', ([row.versionid for row in page.versions], len(page.delete_marker)), (versions[::-1], 1))
    batch = oss2.models.BatchDeleteObjectVersionList()
    for id in (gone.versionid, versions[1]):
        batch.append(oss2.models.BatchDeleteObjectVersion(key='sdk/frame', versionid=id))
    suite.check('batch', len(store.delete_object_versions(batch).delete_versions), 2)
    suite.check('uncovered', store.get_object('sdk/frame').read(), b'one')
    tags = store.get_object_tagging('sdk/frame').tag_set.tagging_rule
    suite.check('tags', tags, {'a': '1'})
    store.put_object_tagging('sdk/frame', oss2.models.Tagging(oss2.models.TaggingRule()))
    suite.check('no tags', store.get_object_tagging('sdk/frame').tag_set.tagging_rule, {})
    store.delete_object('sdk/frame', params={'versionId': versions[0]})
    other = bucket('partner', 'lab-microscopy', version)
    source = ('telescope-feed', 'readings/000/000001.json', 'sdk/copied.json')
    suite.check('copy without payer', call(other.copy_object, *source).ec, '0003-00000703')
    suite.check('copy as requester', call(other.copy_object, *source, headers={HEADER: 'requester'}).status, 200)
    suite.check('copied', other.get_object('sdk/copied.json', headers={HEADER: 'requester'}).read(), b'{"reading": 000001}\n')
    cold = bucket('lab', 'lab-classic', version)
    suite.check('archived', call(cold.get_object, '2026/01/summary.csv').code, 'InvalidObjectState')
    suite.check('class', cold.head_object('2026/01/summary.csv').headers['x-oss-storage-class'], 'Archive')


def fetch(url):
    try:
        return urllib.request.urlopen(url).status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get('x-oss-ec')


def presigned(suite, version):
    store = bucket('partner', 'lab-microscopy', version)
    suite.check('presigned without payer', fetch(store.sign_url('GET', 'readme.txt', 60, slash_safe=True)), (403, '0003-00000702'))
    url = store.sign_url('GET', 'readme.txt', 60, slash_safe=True, params={HEADER: 'requester'})
    suite.check('payer in the query', fetch(url), (200, None))
    suite.check('another value', fetch(url.replace('payer=requester', 'payer=nobody')), (403, '0002-00000201'))
    url = bucket('lab', 'lab-microscopy', version).sign_url('GET', 'readme.txt', 1, slash_safe=True)
    suite.check('in time', fetch(url), (200, None))
    time.sleep(2.2)
    suite.check('too late', fetch(url), (403, '0002-00000069'))


suite = Suite('oss2')
for version in ('v4', 'v1'):
    suite.name = f'oss2 {version}'
    for part in (matrix, bucket_operations, service, payer_changes, contents, multipart, details, presigned):
        part(suite, version)
suite.name = 'oss2'
suite.end()
