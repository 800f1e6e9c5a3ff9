"""alibabacloud-oss-v2 against the embedded store.    oss_v2.py INTRODUCTION"""
import sys
import urllib.error
import urllib.request
from datetime import timedelta

import alibabacloud_oss_v2 as oss

from common import OWNER_ONLY, OWNER_PAYS, READS, REQUESTER_PAYS, WRITES, Result, Suite, World

world = World(sys.argv[1])
suite = Suite('alibabacloud-oss-v2')
ACTORS = {'owner': 'lab', 'requester': 'partner', 'stranger': 'oss-stranger', 'anonymous': None}


def client(name, region='cn-hangzhou', key_id=None, secret=None, token=None):
    config = oss.config.load_default()
    if name is None:
        config.credentials_provider = oss.credentials.AnonymousCredentialsProvider()
    else:
        account = world.accounts[name]
        config.credentials_provider = oss.credentials.StaticCredentialsProvider(
            key_id or account.key_id, secret or account.secret, token or account.token)
    config.region, config.endpoint = region, world.endpoint
    config.use_path_style, config.retry_max_attempts = True, 1
    return oss.Client(config)


def call(function, request):
    try:
        answer = function(request)
    except oss.exceptions.OperationError as error:
        cause = error.unwrap()
        return Result(cause.status_code, cause.code, cause.ec, message=cause.message)
    if getattr(answer, 'body', None) is not None:
        answer.body.read()
    status = answer.status_code
    charged = 'x-oss-request-charged' in {name.lower() for name in answer.headers}
    return Result(200 if status == 204 else status, charged=charged, value=answer)


def objects(store, bucket, payer):
    extra = {'request_payer': 'requester'} if payer else {}
    many = [oss.DeleteObject(key='sdk/one'), oss.DeleteObject(key='sdk/zwei & <drei>')]
    return {
        'HeadObject': lambda: call(store.head_object, oss.HeadObjectRequest(bucket, 'index.html', **extra)),
        'GetObject': lambda: call(store.get_object, oss.GetObjectRequest(bucket, 'index.html', **extra)),
        'GetObjectMeta': lambda: call(store.get_object_meta, oss.GetObjectMetaRequest(bucket, 'index.html', **extra)),
        'ListObjects': lambda: call(store.list_objects, oss.ListObjectsRequest(bucket, **extra)),
        'ListObjectsV2': lambda: call(store.list_objects_v2, oss.ListObjectsV2Request(bucket, **extra)),
        'PutObject': lambda: call(store.put_object, oss.PutObjectRequest(bucket, 'sdk/one', body=b'one', **extra)),
        'DeleteObject': lambda: call(store.delete_object, oss.DeleteObjectRequest(bucket, 'sdk/one', **extra)),
        'DeleteObjects': lambda: call(store.delete_multiple_objects, oss.DeleteMultipleObjectsRequest(bucket, objects=many, **extra)),
    }


def matrix():
    call(client('lab').put_object, oss.PutObjectRequest('lab-microscopy', 'index.html', body=b'here'))
    for (who, payer), (status, ec, charged) in REQUESTER_PAYS.items():
        for operation, run in objects(client(ACTORS[who]), 'lab-microscopy', payer).items():
            got = run()
            suite.check(f'lab-microscopy {operation} {who} payer={payer}', (got.status, got.ec or None, got.charged),
                        (status, ec, charged and operation == 'HeadObject'))
    for (who, payer), (reading, writing) in OWNER_PAYS.items():
        for operation, run in objects(client(ACTORS[who]), 'color-atlas', payer).items():
            got = run()
            status = writing if operation in WRITES else reading
            suite.check(f'color-atlas {operation} {who} payer={payer}', (got.status, got.ec or None, got.charged),
                        (status, None if status == 200 else '0003-00000001', False))
    assert set(READS + WRITES) < set(objects(client(None), 'color-atlas', False))


def with_payer(request, payer):
    """The models of these operations have no payer: it is added as a header of the request."""
    if payer:
        request.headers = {'x-oss-request-payer': 'requester'}
    return request


def bucket_operations():
    for who, (status, ec) in OWNER_ONLY.items():
        for name, value in (('lab-microscopy', 'Requester'), ('color-atlas', 'BucketOwner')):
            store = client(ACTORS[who])
            setting = oss.RequestPaymentConfiguration(payer=value)
            for payer in (False, True):
                rows = {
                    'GetBucketLocation': (store.get_bucket_location, oss.GetBucketLocationRequest(name)),
                    'GetBucketInfo': (store.get_bucket_info, oss.GetBucketInfoRequest(name)),
                    'GetBucketStat': (store.get_bucket_stat, oss.GetBucketStatRequest(name)),
                    'GetBucketRequestPayment': (store.get_bucket_request_payment, oss.GetBucketRequestPaymentRequest(bucket=name)),
                    'PutBucketRequestPayment': (store.put_bucket_request_payment, oss.PutBucketRequestPaymentRequest(
                        bucket=name, request_payment_configuration=setting)),
                }
                for operation, (function, request) in rows.items():
                    got = call(function, with_payer(request, payer))
                    suite.check(f'{name} {operation} {who} payer={payer}', (got.status, got.ec or None, got.charged), (status, ec, False))
                    if operation == 'GetBucketRequestPayment' and status == 200:
                        suite.check(f'{name} payer', got.value.request_payment_configuration.payer, value)


def service():
    pages = list(client('lab').list_buckets_paginator(limit=4).iter_page(oss.ListBucketsRequest()))
    suite.check('ListBuckets pages', [len(page.buckets) for page in pages], [4, 4, 1])
    suite.check('ListBuckets partner', len(call(client('partner').list_buckets, oss.ListBucketsRequest()).value.buckets), 2)
    rows = {
        'wrong secret': (dict(name='lab', secret='wrong'), (403, 'SignatureDoesNotMatch', '0002-00000201')),
        'unknown key': (dict(name='lab', key_id='LTAInobody'), (403, 'InvalidAccessKeyId', '0002-00000902')),
        'wrong token': (dict(name='partner', token='wrong'), (403, 'InvalidSecurityToken', '0002-00000006')),
        'expired token': (dict(name='oss-expired'), (403, 'SecurityTokenExpired', '0002-00000007')),
    }
    for name, (arguments, want) in rows.items():
        got = call(client(**arguments).list_buckets, oss.ListBucketsRequest())
        suite.check(name, (got.status, got.code, got.ec), want)
    got = call(client('lab').get_bucket_request_payment, oss.GetBucketRequestPaymentRequest(bucket='lab-shanghai'))
    suite.check('another region', (got.status, got.ec), (403, '0003-00001403'))
    got = call(client('lab', 'cn-shanghai').get_bucket_request_payment, oss.GetBucketRequestPaymentRequest(bucket='lab-shanghai'))
    suite.check('the right region', (got.status, got.value.request_payment_configuration.payer), (200, 'BucketOwner'))
    got = call(client('lab').get_bucket_lifecycle, oss.GetBucketLifecycleRequest(bucket='color-atlas'))
    suite.check('lifecycle', (got.status, got.code), (501, 'NotImplemented'))


def settings():
    """What the look before a change of the payer reads."""
    store = client('lab')
    suite.check('bucket acl', call(store.get_bucket_acl, oss.GetBucketAclRequest(bucket='color-atlas')).value.acl, 'public-read')
    website = call(store.get_bucket_website, oss.GetBucketWebsiteRequest(bucket='color-atlas')).value.website_configuration
    suite.check('website', website.index_document.suffix, 'index.html')
    logs = call(store.get_bucket_logging, oss.GetBucketLoggingRequest(bucket='lab-slow-motion')).value.bucket_logging_status
    suite.check('logs', logs.logging_enabled.target_bucket, 'lab-slow-motion')
    rules = call(store.get_bucket_replication, oss.GetBucketReplicationRequest(bucket='lab-raw-frames')).value
    suite.check('replication', [rule.destination.bucket for rule in rules.replication_configuration.rules], ['lab-shanghai'])
    names = call(store.list_cname, oss.ListCnameRequest(bucket='color-atlas')).value.cnames
    suite.check('domains', [name.domain for name in names], ['atlas.lab.example'])
    pages = call(store.get_bucket_referer, oss.GetBucketRefererRequest(bucket='color-atlas')).value.referer_configuration
    suite.check('referer', pages.referer_list.referers, ['https://www.lab.example/*'])
    got = call(store.get_bucket_policy, oss.GetBucketPolicyRequest(bucket='lab-odd-keys'))
    suite.check('no policy', (got.status, got.code), (404, 'NoSuchBucketPolicy'))


def contents():
    pages = client('lab').list_objects_v2_paginator().iter_page(oss.ListObjectsV2Request('telescope-feed', max_keys=1000))
    keys = [row.key for page in pages for row in page.contents]
    suite.check('five thousand keys', (len(keys), keys == sorted(keys)), (5000, True))
    odd = [row.key for row in call(client('lab').list_objects_v2, oss.ListObjectsV2Request('lab-odd-keys')).value.contents]
    suite.check('odd keys', (len(odd), 'newline\nand\ttab' in odd, 'zero\u200bwidth' in odd), (22, True, True))
    for key in odd:
        if '/../' in key or '/./' in key or key == '..':
            continue  # the HTTP library folds them after signing
        suite.check(f'get {key!r}', call(client('lab').get_object, oss.GetObjectRequest('lab-odd-keys', key)).status, 200)


def multipart():
    store = client('lab')
    body = bytes(range(256)) * 1600
    result = store.uploader(part_size=150 << 10, parallel_num=2).upload_from(
        oss.PutObjectRequest('color-atlas', 'sdk2/big'), __import__('io').BytesIO(body))
    suite.check('uploader', (result.status_code, result.etag.endswith('-3"')), (200, True))
    got = store.get_object(oss.GetObjectRequest('color-atlas', 'sdk2/big'))
    suite.check('read back', (got.body.read() == body, got.hash_crc64), (True, result.hash_crc64))
    begun = store.initiate_multipart_upload(oss.InitiateMultipartUploadRequest('color-atlas', 'sdk2/left & <right>'))
    pages = store.list_multipart_uploads_paginator().iter_page(oss.ListMultipartUploadsRequest('color-atlas', prefix='sdk2/'))
    suite.check('uploads', [row.key for page in pages for row in page.uploads or []], ['sdk2/left & <right>'])
    abort = oss.AbortMultipartUploadRequest('color-atlas', 'sdk2/left & <right>', upload_id=begun.upload_id)
    suite.check('abort', (call(store.abort_multipart_upload, abort).status, call(store.abort_multipart_upload, abort).code), (200, 'NoSuchUpload'))
    forbidden = call(store.initiate_multipart_upload, oss.InitiateMultipartUploadRequest('color-atlas', 'sdk2/big', forbid_overwrite='true'))
    suite.check('overwrite', (forbidden.status, forbidden.code), (409, 'FileAlreadyExists'))
    other = client('partner')
    row = dict(source_bucket='telescope-feed', source_key='readings/000/000001.json')
    suite.check('copy, silent', call(other.copy_object, oss.CopyObjectRequest('lab-microscopy', 'sdk2/copied', **row)).ec, '0003-00000703')
    suite.check('copy', call(other.copy_object, oss.CopyObjectRequest('lab-microscopy', 'sdk2/copied', request_payer='requester', **row)).status, 200)
    page = call(client('lab').list_object_versions, oss.ListObjectVersionsRequest('lab-raw-frames')).value
    suite.check('versions', [row.is_latest for row in page.version], [True] * 4)
    suite.check('acl', call(store.get_object_acl, oss.GetObjectAclRequest('color-atlas', 'sdk2/big')).value.acl, 'default')


def fetch(url, headers=None):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})).status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get('x-oss-ec')


def presigned():
    store = client('partner')
    life = timedelta(minutes=5)
    bare = store.presign(oss.GetObjectRequest('lab-microscopy', 'readme.txt'), expires=life)
    suite.check('presigned without payer', fetch(bare.url), (403, '0003-00000702'))
    inside = store.presign(oss.GetObjectRequest('lab-microscopy', 'readme.txt', parameters={'x-oss-request-payer': 'requester'}), expires=life)
    suite.check('payer in the query', fetch(inside.url), (200, None))
    beside = store.presign(oss.GetObjectRequest('lab-microscopy', 'readme.txt', request_payer='requester'), expires=life)
    suite.check('payer as a signed header', fetch(beside.url, dict(beside.signed_headers)), (200, None))
    suite.check('payer as a signed header, left out', fetch(beside.url), (403, '0002-00000201'))


matrix()
bucket_operations()
service()
settings()
contents()
multipart()
presigned()
suite.end()
