"""boto3 against the embedded store.    s3_boto3.py INTRODUCTION"""
import json
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from common import OWNER_ONLY, OWNER_PAYS, READS, REQUESTER_PAYS, WRITES, Result, Suite, World

world = World(sys.argv[1])
suite = Suite('boto3')
ACTORS = {'owner': 'studio', 'requester': 'research', 'stranger': 'stranger', 'anonymous': None}
PAYER = 'x-amz-request-payer'


def client(name, region='us-west-2', service='s3', secret=None, key_id=None, token=None):
    options = dict(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'})
    if name is None:
        return boto3.client(service, endpoint_url=world.endpoint, region_name=region, config=Config(signature_version=UNSIGNED, **options))
    account = world.accounts[name]
    return boto3.client(
        service, endpoint_url=world.endpoint, region_name=region, config=Config(signature_version='v4' if service == 'sts' else 's3v4', **options),
        aws_access_key_id=key_id or account.key_id, aws_secret_access_key=secret or account.secret,
        aws_session_token=token or account.token)


def call(function, **arguments):
    try:
        answer = function(**arguments)
    except ClientError as error:
        answer = error.response
        headers = answer['ResponseMetadata']['HTTPHeaders']
        charged = 'x-amz-request-charged' in headers
        return Result(answer['ResponseMetadata']['HTTPStatusCode'], answer['Error']['Code'], charged=charged,
                      message=answer['Error'].get('Message', ''), value=answer)
    if 'Body' in answer:
        answer['Body'] = answer['Body'].read()
    status = answer['ResponseMetadata']['HTTPStatusCode']
    return Result(200 if status == 204 else status, charged=answer.get('RequestCharged') == 'requester', value=answer)


def objects(s3, bucket, payer):
    extra = {'RequestPayer': 'requester'} if payer else {}
    many = {'Objects': [{'Key': 'sdk/one'}, {'Key': 'sdk/zwei & <drei>'}]}
    return {
        'HeadObject': lambda: call(s3.head_object, Bucket=bucket, Key='index.html', **extra),
        'GetObject': lambda: call(s3.get_object, Bucket=bucket, Key='index.html', **extra),
        'ListObjects': lambda: call(s3.list_objects, Bucket=bucket, **extra),
        'ListObjectsV2': lambda: call(s3.list_objects_v2, Bucket=bucket, **extra),
        'PutObject': lambda: call(s3.put_object, Bucket=bucket, Key='sdk/one', Body=b'one', **extra),
        'DeleteObject': lambda: call(s3.delete_object, Bucket=bucket, Key='sdk/one', **extra),
        'DeleteObjects': lambda: call(s3.delete_objects, Bucket=bucket, Delete=many, **extra),
    }


def code_of(operation, status, code):
    """botocore has no document to read on HEAD: its code is the status."""
    return None if status == 200 else '403' if operation.startswith('Head') else code


def matrix():
    call(client('studio').put_object, Bucket='aerial-tiles', Key='index.html', Body=b'here')
    for (who, payer), (status, _, charged) in REQUESTER_PAYS.items():
        for operation, run in objects(client(ACTORS[who]), 'aerial-tiles', payer).items():
            got = run()
            suite.check(f'aerial-tiles {operation} {who} payer={payer}', (got.status, got.code, got.charged),
                        (status, code_of(operation, status, 'AccessDenied'), charged))
            if who == 'anonymous' and not operation.startswith('Head'):
                suite.check('the text for anonymous callers', got.message,
                            'Anonymous users cannot invoke requests against Requester Pays buckets. Please authenticate.')
            if status == 403:
                suite.check('region of a denied bucket', got.value['ResponseMetadata']['HTTPHeaders'].get('x-amz-bucket-region'), 'us-west-2')
    for (who, payer), (reading, writing) in OWNER_PAYS.items():
        for operation, run in objects(client(ACTORS[who]), 'colorpictures', payer).items():
            got = run()
            status = reading if operation in READS else writing
            suite.check(f'colorpictures {operation} {who} payer={payer}', (got.status, got.code, got.charged),
                        (status, code_of(operation, status, 'AccessDenied'), False))
    assert set(READS + WRITES) == set(objects(None, '', False))


def with_header(s3):
    """botocore takes no payer on these operations: it is added before signing."""
    s3.meta.events.register('before-sign.s3', lambda request, **_: request.headers.add_header(PAYER, 'requester'))
    return s3


def bucket_operations():
    for who, (status, _) in OWNER_ONLY.items():
        for payer in (False, True):
            s3 = client(ACTORS[who])
            s3 = with_header(s3) if payer else s3
            for bucket, value in (('aerial-tiles', 'Requester'), ('colorpictures', 'BucketOwner')):
                rows = {
                    'GetBucketLocation': lambda: call(s3.get_bucket_location, Bucket=bucket),
                    'GetBucketRequestPayment': lambda: call(s3.get_bucket_request_payment, Bucket=bucket),
                    'PutBucketRequestPayment': lambda: call(s3.put_bucket_request_payment, Bucket=bucket,
                                                            RequestPaymentConfiguration={'Payer': value}),
                }
                for operation, run in rows.items():
                    got = run()
                    suite.check(f'{bucket} {operation} {who} payer={payer}', (got.status, got.code, got.charged),
                                (status, None if status == 200 else 'AccessDenied', False))
                    if operation == 'GetBucketRequestPayment' and status == 200:
                        suite.check(f'{bucket} payer', got.value['Payer'], value)
    heads = {('owner', False): 200, ('owner', True): 200, ('requester', False): 403, ('requester', True): 200,
             ('stranger', False): 403, ('stranger', True): 403, ('anonymous', False): 403, ('anonymous', True): 403}
    for (who, payer), status in heads.items():
        s3 = client(ACTORS[who])
        got = call((with_header(s3) if payer else s3).head_bucket, Bucket='aerial-tiles')
        suite.check(f'HeadBucket aerial-tiles {who} payer={payer}', (got.status, got.charged), (status, False))
        suite.check(f'HeadBucket colorpictures {who}', call(s3.head_bucket, Bucket='colorpictures').status, 200)


def list_buckets():
    got = call(client('studio').list_buckets)
    names = [bucket['Name'] for bucket in got.value['Buckets']]
    suite.check('ListBuckets owner', (got.status, len(names), names == sorted(names), 'colorpictures' in names), (200, 14, True, True))
    suite.check('regions', {bucket['BucketRegion'] for bucket in got.value['Buckets']}, {'us-west-2', 'us-east-2', 'eu-west-3'})
    pages = list(client('studio').get_paginator('list_buckets').paginate(PaginationConfig={'PageSize': 5}))
    suite.check('ListBuckets pages', [len(page['Buckets']) for page in pages], [5, 5, 4])
    suite.check('ListBuckets prefix', len(call(client('studio').list_buckets, Prefix='s').value['Buckets']), 4)
    suite.check('ListBuckets requester', len(call(client('research').list_buckets).value['Buckets']), 4)
    suite.check('ListBuckets stranger', call(client('stranger').list_buckets).value['Buckets'], [])
    got = call(client(None).list_buckets)
    suite.check('ListBuckets anonymous', (got.status, got.code), (403, 'AccessDenied'))
    suite.check('ListBuckets with a payer header', call(with_header(client('studio')).list_buckets).status, 200)


def payer_changes():
    s3 = client('studio')
    for payer in ('Requester', 'BucketOwner'):
        for extra in ({}, {'ChecksumAlgorithm': 'SHA256'}, {'ChecksumAlgorithm': 'SHA1'}, {'ChecksumAlgorithm': 'CRC32'}):
            got = call(s3.put_bucket_request_payment, Bucket='colorpictures', ExpectedBucketOwner='111122223333',
                       RequestPaymentConfiguration={'Payer': payer}, **extra)
            suite.check(f'put {payer} {extra}', got.status, 200)
            suite.check('read back', call(s3.get_bucket_request_payment, Bucket='colorpictures').value['Payer'], payer)
    row = dict(Bucket='colorpictures', RequestPaymentConfiguration={'Payer': 'Requester'})
    errors = {
        'unknown payer': ({'RequestPaymentConfiguration': {'Payer': 'Nobody'}}, (400, 'MalformedXML')),
        'another owner': ({'ExpectedBucketOwner': '999900001111'}, (403, 'AccessDenied')),
        'wrong MD5': ({'md5': 'AAAAAAAAAAAAAAAAAAAAAA=='}, (400, 'BadDigest')),
        'no MD5': ({'md5': 'nonsense'}, (400, 'InvalidDigest')),
        'no such bucket': ({'Bucket': 'no-such-bucket-here'}, (404, 'NoSuchBucket')),
        'policy': ({'Bucket': 'sealed-vault'}, (403, 'AccessDenied')),
        'no such setting': ({'Bucket': 'legacy-gateway'}, (501, 'NotImplemented')),
    }
    for name, (change, want) in errors.items():
        change = dict(change)
        other, md5 = client('studio'), change.pop('md5', None)
        if md5:
            other.meta.events.register('before-sign.s3', lambda request, md5=md5, **_: request.headers.add_header('Content-MD5', md5))
        got = call(other.put_bucket_request_payment, **{**row, **change})
        suite.check(f'put payer: {name}', (got.status, got.code), want)
    suite.check('nothing changed', call(s3.get_bucket_request_payment, Bucket='colorpictures').value['Payer'], 'BucketOwner')
    suite.check('a value of its own', call(s3.get_bucket_request_payment, Bucket='sponsored-set').value['Payer'], 'Sponsor')
    call(s3.put_bucket_request_payment, Bucket='slow-turning', RequestPaymentConfiguration={'Payer': 'Requester'})
    suite.check('not yet', call(s3.get_bucket_request_payment, Bucket='slow-turning').value['Payer'], 'BucketOwner')
    time.sleep(1.7)
    suite.check('but now', call(s3.get_bucket_request_payment, Bucket='slow-turning').value['Payer'], 'Requester')


def signatures():
    rows = {
        'wrong secret': (dict(name='studio', secret='wrong'), (403, 'SignatureDoesNotMatch'), (403, 'SignatureDoesNotMatch')),
        'unknown key': (dict(name='studio', key_id='AKIANOBODY'), (403, 'InvalidAccessKeyId'), (403, 'InvalidClientTokenId')),
        'wrong token': (dict(name='auditor', token='wrong'), (400, 'InvalidToken'), (403, 'InvalidClientTokenId')),
        'token without need': (dict(name='studio', token='any'), (400, 'InvalidToken'), (403, 'InvalidClientTokenId')),
        'expired token': (dict(name='expired'), (400, 'ExpiredToken'), (403, 'ExpiredToken')),
    }
    for name, (arguments, s3, sts) in rows.items():
        got = call(client(**arguments).list_buckets)
        suite.check(f'S3: {name}', (got.status, got.code), s3)
        got = call(client(service='sts', **arguments).get_caller_identity)
        suite.check(f'STS: {name}', (got.status, got.code), sts)
    identities = {'studio': '111122223333', 'research': '444455556666', 'auditor': '222233334444', 'stranger': '999900001111'}
    for name, account_id in identities.items():
        got = call(client(name, service='sts').get_caller_identity)
        suite.check(f'STS: {name}', (got.status, got.value['Account'], account_id in got.value['Arn']), (200, account_id, True))
    # boto3 finds the region by itself when a bucket is elsewhere.
    suite.check('another region', call(client('studio').get_bucket_request_payment, Bucket='paris-renders').value.get('Payer'), 'BucketOwner')


def contents():
    s3 = client('studio')
    pages = s3.get_paginator('list_objects_v2').paginate(Bucket='sensor-archive')
    keys = [row['Key'] for page in pages for row in page['Contents']]
    suite.check('a hundred thousand keys', (len(keys), len(set(keys)), keys == sorted(keys)), (100000, 100000, True))
    page = call(s3.list_objects_v2, Bucket='sensor-archive', Prefix='readings/', Delimiter='/').value
    suite.check('folders', (len(page['CommonPrefixes']), page['KeyCount']), (100, 100))
    odd = [row['Key'] for row in call(s3.list_objects_v2, Bucket='odd-keys').value['Contents']]
    suite.check('odd keys', (len(odd), '..' in odd, 'bidi-\u202egpj.exe' in odd, '   ' in odd, 'bell\x07and-escape\x1b[31m' in odd,
                             max(len(key.encode()) for key in odd)), (24, True, True, True, True, 1024))
    for key in odd:
        if '..' in key or '/./' in key or key.startswith('/'):
            continue  # the HTTP library folds or doubles them after signing
        got = call(s3.get_object, Bucket='odd-keys', Key=key)
        suite.check(f'get {key!r}', (got.status, len(got.value.get('Body', b''))), (200, 64))
    got = call(s3.get_object, Bucket='colorpictures', Key='index.html', Range='bytes=2-5')
    suite.check('range', (got.status, len(got.value['Body']), got.value['ContentRange']), (206, 4, 'bytes 2-5/1204'))
    rows = {
        'range outside': (s3.get_object, dict(Key='index.html', Range='bytes=9999-'), (416, 'InvalidRange')),
        'if-match': (s3.get_object, dict(Key='index.html', IfMatch='"0"'), (412, 'PreconditionFailed')),
        'missing': (s3.get_object, dict(Key='missing'), (404, 'NoSuchKey')),
        'overwrite': (s3.put_object, dict(Key='index.html', Body=b'', IfNoneMatch='*'), (412, 'PreconditionFailed')),
        'copy of nothing': (s3.copy_object, dict(Key='new', CopySource='colorpictures/missing'), (404, 'NoSuchKey')),
        'copy onto itself': (s3.copy_object, dict(Key='index.html', CopySource='colorpictures/index.html'), (400, 'InvalidRequest')),
        'torrent': (s3.get_object_torrent, dict(Key='index.html'), (501, 'NotImplemented')),
        'lifecycle': (s3.get_bucket_lifecycle_configuration, {}, (501, 'NotImplemented')),
        'create': (s3.create_bucket, {}, (501, 'NotImplemented')),
    }
    for name, (function, arguments, want) in rows.items():
        got = call(function, Bucket='colorpictures', **arguments)
        suite.check(name, (got.status, got.code), want)
    for algorithm in ('CRC32', 'SHA1', 'SHA256'):
        got = call(s3.put_object, Bucket='brand-assets', Key='sum', Body=b'x' * 70000, ChecksumAlgorithm=algorithm, Metadata={'a': 'b'})
        suite.check(f'checksum {algorithm}', got.status, 200)
    suite.check('metadata', call(s3.head_object, Bucket='brand-assets', Key='sum').value['Metadata'], {'a': 'b'})


def settings():
    """What the look before a change of the payer reads."""
    s3, asked = client('studio'), client('stranger')
    public = call(s3.get_bucket_acl, Bucket='colorpictures').value['Grants']
    everyone = [grant['Permission'] for grant in public if grant['Grantee'].get('URI', '').endswith('/global/AllUsers')]
    suite.check('access list', everyone, ['READ'])
    policy = json.loads(call(s3.get_bucket_policy, Bucket='colorpictures').value['Policy'])
    suite.check('policy', [(row['Principal'], row['Action']) for row in policy['Statement']], [('*', ['s3:GetObject'])])
    got = call(s3.get_bucket_policy, Bucket='odd-keys')
    suite.check('no policy', (got.status, got.code), (404, 'NoSuchBucketPolicy'))
    suite.check('policy status', call(s3.get_bucket_policy_status, Bucket='colorpictures').value['PolicyStatus']['IsPublic'], True)
    block = call(s3.get_public_access_block, Bucket='brand-assets').value['PublicAccessBlockConfiguration']
    suite.check('public access block', sorted(block.items())[0], ('BlockPublicAcls', True))
    suite.check('website', call(s3.get_bucket_website, Bucket='website-static').value['IndexDocument'], {'Suffix': 'index.html'})
    got = call(s3.get_bucket_website, Bucket='colorpictures')
    suite.check('no website', (got.status, got.code), (404, 'NoSuchWebsiteConfiguration'))
    logs = call(s3.get_bucket_logging, Bucket='colorpictures').value['LoggingEnabled']['TargetBucket']
    suite.check('logs', logs, 'slow-turning')
    rules = call(s3.get_bucket_replication, Bucket='film-masters').value['ReplicationConfiguration']['Rules']
    suite.check('replication', [rule['Destination']['Bucket'] for rule in rules], ['arn:aws:s3:::thesis-drafts'])
    fast = call(client('studio', 'us-east-2').get_bucket_accelerate_configuration, Bucket='ohio-overflow').value
    suite.check('acceleration', fast.get('Status'), 'Enabled')
    suite.check('for the owner alone', call(asked.get_bucket_policy, Bucket='colorpictures').status, 403)


def multipart():
    """The SDK's own transfer manager, then the steps by hand, in every kind of checksum that it knows."""
    import io
    from boto3.s3.transfer import TransferConfig
    s3 = client('studio')
    body = bytes(range(256)) * 4096 * 13  # 13 MiB
    config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=2)
    s3.upload_fileobj(io.BytesIO(body), 'brand-assets', 'sdk/big', Config=config, ExtraArgs={'Metadata': {'reel': '7'}})
    head = call(s3.head_object, Bucket='brand-assets', Key='sdk/big', ChecksumMode='ENABLED').value
    suite.check('transfer manager', (head['ContentLength'], head['Metadata'], head['ETag'].endswith('-3"')), (len(body), {'reel': '7'}, True))
    into = io.BytesIO()
    s3.download_fileobj('brand-assets', 'sdk/big', into, Config=config)
    suite.check('read back', into.getvalue() == body, True)
    s3.copy({'Bucket': 'brand-assets', 'Key': 'sdk/big'}, 'brand-assets', 'sdk/big copy+1', Config=config)
    suite.check('copied in parts', call(s3.get_object, Bucket='brand-assets', Key='sdk/big copy+1').value['Body'] == body, True)
    for algorithm, kind in (('CRC32', 'COMPOSITE'), ('CRC32', 'FULL_OBJECT'), ('SHA1', 'COMPOSITE'), ('SHA256', 'COMPOSITE')):
        name, key = f'{algorithm} {kind}', {'Bucket': 'brand-assets', 'Key': 'sdk/sums'}
        begun = s3.create_multipart_upload(**key, ChecksumAlgorithm=algorithm, ChecksumType=kind)
        upload, field = {**key, 'UploadId': begun['UploadId']}, f'Checksum{algorithm}'
        parts = []
        for number, piece in enumerate((body[:5 << 20], body[:70000]), 1):
            got = s3.upload_part(**upload, PartNumber=number, Body=piece, ChecksumAlgorithm=algorithm)
            parts.append({'PartNumber': number, 'ETag': got['ETag'], field: got[field]})
        listed = [part for page in s3.get_paginator('list_parts').paginate(**upload, PaginationConfig={'PageSize': 1}) for part in page['Parts']]
        suite.check(f'{name} parts', [(part['PartNumber'], part[field]) for part in listed], [(part['PartNumber'], part[field]) for part in parts])
        wrong = call(s3.complete_multipart_upload, **upload, MultipartUpload={'Parts': parts[::-1]})
        suite.check(f'{name} order', (wrong.status, wrong.code), (400, 'InvalidPartOrder'))
        done = call(s3.complete_multipart_upload, **upload, MultipartUpload={'Parts': parts}, ChecksumType=kind)
        suite.check(f'{name} done', (done.status, done.value.get('ChecksumType')), (200, kind))
        got = call(s3.get_object, **key, ChecksumMode='ENABLED').value
        suite.check(f'{name} get', (len(got['Body']), got[field]), ((5 << 20) + 70000, done.value[field]))
        rest = call(s3.get_object_attributes, **key, ObjectAttributes=['ETag', 'ObjectParts', 'Checksum', 'ObjectSize']).value
        suite.check(f'{name} attributes', (rest['ObjectSize'], rest['ObjectParts']['TotalPartsCount'], rest['Checksum'][field]),
                    ((5 << 20) + 70000, 2, done.value[field]))
    for key in ('sdk/u/1', 'sdk/u/2', 'sdk/u 3'):
        s3.create_multipart_upload(Bucket='brand-assets', Key=key)
    pages = s3.get_paginator('list_multipart_uploads').paginate(Bucket='brand-assets', Prefix='sdk/u', PaginationConfig={'PageSize': 1})
    found = [row for page in pages for row in page.get('Uploads', [])]
    suite.check('uploads', [row['Key'] for row in found], ['sdk/u 3', 'sdk/u/1', 'sdk/u/2'])
    page = s3.list_multipart_uploads(Bucket='brand-assets', Prefix='sdk/', Delimiter='/')
    suite.check('folded', ([row['Key'] for row in page.get('Uploads', [])], page['CommonPrefixes']), (['sdk/u 3'], [{'Prefix': 'sdk/u/'}]))
    for row in found:
        suite.check('abort', call(s3.abort_multipart_upload, Bucket='brand-assets', Key=row['Key'], UploadId=row['UploadId']).status, 200)
    suite.check('none left', 'Uploads' in s3.list_multipart_uploads(Bucket='brand-assets', Prefix='sdk/'), False)
    got = call(client('research').create_multipart_upload, Bucket='aerial-tiles', Key='sdk/x', RequestPayer='requester')
    suite.check('as requester', (got.status, got.charged), (200, True))


def details():
    s3 = client('research', 'eu-central-1')
    key = {'Bucket': 'thesis-drafts', 'Key': 'sdk/draft'}
    versions = [s3.put_object(**key, Body=text, Tagging='a=1&b=zwei%20drei')['VersionId'] for text in (b'one', b'two')]
    gone = s3.delete_object(**key)
    suite.check('marker', (gone['DeleteMarker'], call(s3.get_object, **key).code), (True, 'NoSuchKey'))
    suite.check('version', call(s3.get_object, **key, VersionId=versions[0]).value['Body'], b'one')
    pages = list(s3.get_paginator('list_object_versions').paginate(Bucket='thesis-drafts', Prefix='sdk/', PaginationConfig={'PageSize': 1}))
    listed = [row['VersionId'] for page in pages for row in page.get('DeleteMarkers', []) + page.get('Versions', [])]
    suite.check('versions', listed, [gone['VersionId'], *versions[::-1]])
    tags = s3.get_object_tagging(**key, VersionId=versions[1])['TagSet']
    suite.check('tags', tags, [{'Key': 'a', 'Value': '1'}, {'Key': 'b', 'Value': 'zwei drei'}])
    s3.put_object_tagging(**key, VersionId=versions[1], Tagging={'TagSet': [{'Key': 'c', 'Value': '<&>'}]})
    suite.check('new tags', s3.get_object_tagging(**key, VersionId=versions[1])['TagSet'], [{'Key': 'c', 'Value': '<&>'}])
    s3.delete_object_tagging(**key, VersionId=versions[1])
    suite.check('no tags', s3.get_object_tagging(**key, VersionId=versions[1])['TagSet'], [])
    many = [{'Key': key['Key'], 'VersionId': version} for version in (gone['VersionId'], versions[1])]
    batch = s3.delete_objects(Bucket='thesis-drafts', Delete={'Objects': many})
    suite.check('batch', (len(batch['Deleted']), batch.get('Errors', [])), (2, []))
    suite.check('uncovered', call(s3.get_object, **key).value['Body'], b'one')
    bare = dict(Bucket='upload-inbox', Key='sdk/tile', CopySource={'Bucket': 'aerial-tiles', 'Key': 'readme.txt'})
    suite.check('copy without payer', call(s3.copy_object, **bare).code, 'AccessDenied')
    got = call(s3.copy_object, **bare, RequestPayer='requester', MetadataDirective='REPLACE', Metadata={'k': 'v'}, StorageClass='STANDARD_IA')
    suite.check('copy as requester', (got.status, got.charged), (200, True))
    head = s3.head_object(Bucket='upload-inbox', Key='sdk/tile')
    suite.check('copied', (head['ContentLength'], head['Metadata'], head['StorageClass']), (230, {'k': 'v'}, 'STANDARD_IA'))
    grants = s3.get_object_acl(Bucket='upload-inbox', Key='sdk/tile')['Grants']
    suite.check('acl', [(row['Grantee']['Type'], row['Permission']) for row in grants], [('CanonicalUser', 'FULL_CONTROL')])
    cold = client('archive', 'eu-west-1')
    row = dict(Bucket='deep-freeze', Key='2026/01/summary.csv')
    suite.check('archived', (call(cold.get_object, **row).code, cold.head_object(**row)['StorageClass']), ('InvalidObjectState', 'GLACIER'))
    suite.check('restore', cold.restore_object(**row, RestoreRequest={'Days': 2})['ResponseMetadata']['HTTPStatusCode'], 202)
    suite.check('restoring', cold.head_object(**row)['Restore'], 'ongoing-request="true"')
    suite.check('foreign versions', call(client('studio', 'eu-central-1').list_object_versions, Bucket='genome-results', RequestPayer='requester').charged, True)


def fetch(url, headers=None, method='GET'):
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}, method=method))
        return answer.status, answer.headers.get('x-amz-request-charged'), ''
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get('x-amz-request-charged'), error.read().decode()


def presigned():
    row = dict(Bucket='aerial-tiles', Key='readme.txt')
    bare = client('research').generate_presigned_url('get_object', Params=row)
    suite.check('presigned without payer', fetch(bare)[0], 403)
    signed = client('research').generate_presigned_url('get_object', Params={**row, 'RequestPayer': 'requester'})
    suite.check('payer as a signed header, left out', fetch(signed)[0], 403)
    suite.check('payer as a signed header', fetch(signed, {PAYER: 'requester'})[:2], (200, 'requester'))
    status, _, body = fetch(bare, {PAYER: 'requester'})
    suite.check('an unsigned header', (status, '<HeadersNotSigned>x-amz-request-payer</HeadersNotSigned>' in body), (403, True))
    other = client('research')

    def into_query(request, **_):
        request.url += ('&' if '?' in request.url else '?') + PAYER + '=requester'
    other.meta.events.register('before-sign.s3.GetObject', into_query)
    url = other.generate_presigned_url('get_object', Params=row)
    suite.check('payer in the query', fetch(url)[:2], (200, 'requester'))
    suite.check('another value in the query', fetch(url.replace('=requester', '=nobody'))[0], 403)
    short = client('studio').generate_presigned_url('get_object', Params=row, ExpiresIn=1)
    suite.check('in time', fetch(short)[0], 200)
    time.sleep(2.2)
    status, _, body = fetch(short)
    suite.check('too late', (status, 'Request has expired' in body), (403, True))


matrix()
bucket_operations()
list_buckets()
payer_changes()
signatures()
contents()
settings()
multipart()
details()
presigned()
suite.end()
