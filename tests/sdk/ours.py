"""What the commands wrote, read by the SDKs, and the other way round.    ours.py INTRODUCTION BINARY"""
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile

import alibabacloud_oss_v2 as oss
import boto3
import oss2
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from common import Suite, World

introduction, binary = sys.argv[1:3]
world = World(introduction)
suite = Suite('ours')
home = tempfile.TemporaryDirectory()
text = open(introduction, encoding='utf-8').read()
config = os.path.join(home.name, 'demo.toml')
with open(os.open(config, os.O_WRONLY | os.O_CREAT, 0o600), 'w', encoding='utf-8') as file:
    file.write(text.split('# --- config\n', 1)[1].split('# --- end of config\n', 1)[0])

LARGE = os.urandom(66 << 20)
ODD = 'sdk/a b+c%2F?&=#ü\u202e.txt'


def run(*arguments):
    """A command: its exit code and its JSON objects."""
    environment = {'HOME': home.name, 'PATH': '/usr/bin:/bin', 'WHOPAYS_CONFIG': config,
                   'WHOPAYS_STATE_DIR': os.path.join(home.name, 'state'), 'AWS_EC2_METADATA_DISABLED': 'true'}
    ended = subprocess.run([binary, *arguments, '--json'], env=environment, cwd=home.name, stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, check=False)
    if ended.returncode:
        print(arguments, ended.stderr)
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]


def local(name, content=None):
    path = os.path.join(home.name, name)
    if content is not None:
        with open(path, 'wb') as file:
            file.write(content)
        return path
    with open(path, 'rb') as file:
        return file.read()


class S3:
    name, bucket = 's3', 'studio:film-masters'

    def __init__(self):
        account = world.accounts['studio']
        self.client = boto3.client(
            's3', endpoint_url=world.endpoint, region_name='us-west-2', aws_access_key_id=account.key_id,
            aws_secret_access_key=account.secret, config=Config(signature_version='s3v4', s3={'addressing_style': 'path'}))
        self.place = {'Bucket': 'film-masters'}

    def read(self, key):
        answer = self.client.get_object(Key=key, ChecksumMode='ENABLED', **self.place)
        tags = self.client.get_object_tagging(Key=key, **self.place)['TagSet']
        tags = {tag['Key']: tag['Value'] for tag in tags}
        return answer['Body'].read(), answer['Metadata'], answer['ContentType'], tags

    def write(self, key, content):
        self.client.put_object(Key=key, Body=content, Metadata={'by': 'sdk'}, ContentType='text/x-sdk', **self.place)

    def write_in_parts(self, key, content, size=5 << 20):
        # The SDK's own way to do it, with its default checksums.
        settings = TransferConfig(multipart_threshold=size, multipart_chunksize=size)
        self.client.upload_fileobj(io.BytesIO(content), self.place['Bucket'], key, Config=settings)


class OssClassic:
    name, bucket = 'oss2', 'lab:lab-raw-frames'

    def __init__(self):
        account = world.accounts['lab']
        self.client = oss2.Bucket(oss2.AuthV4(account.key_id, account.secret), world.endpoint, 'lab-raw-frames',
                                  region='cn-hangzhou', is_path_style=True)

    def read(self, key):
        answer = self.client.get_object(key)
        meta = {name[11:]: value for name, value in answer.headers.items() if name.startswith('x-oss-meta-')}
        tags = self.client.get_object_tagging(key).tag_set.tagging_rule
        # Reading to the end compares the store's CRC64 with the bytes'.
        return answer.read(), meta, answer.content_type, dict(tags)

    def write(self, key, content):
        self.client.put_object(key, content, headers={'x-oss-meta-by': 'sdk', 'Content-Type': 'text/x-sdk'})

    def write_in_parts(self, key, content, size=5 << 20):
        upload = self.client.init_multipart_upload(key).upload_id
        parts = []
        for number, start in enumerate(range(0, len(content), size), 1):
            part = self.client.upload_part(key, upload, number, content[start:start + size])
            parts.append(oss2.models.PartInfo(number, part.etag))
        self.client.complete_multipart_upload(key, upload, parts)


class OssSecond:
    name, bucket = 'oss-v2', 'lab:lab-raw-frames'

    def __init__(self):
        account = world.accounts['lab']
        settings = oss.config.load_default()
        settings.credentials_provider = oss.credentials.StaticCredentialsProvider(account.key_id, account.secret)
        settings.region, settings.endpoint, settings.use_path_style = 'cn-hangzhou', world.endpoint, True
        self.client = oss.Client(settings)
        self.place = {'bucket': 'lab-raw-frames'}

    def read(self, key):
        answer = self.client.get_object(oss.GetObjectRequest(key=key, **self.place))
        tags = self.client.get_object_tagging(oss.GetObjectTaggingRequest(key=key, **self.place)).tag_set.tags or []
        return answer.body.read(), dict(answer.metadata or {}), answer.content_type, {tag.key: tag.value for tag in tags}

    def write(self, key, content):
        self.client.put_object(oss.PutObjectRequest(
            key=key, body=content, metadata={'by': 'sdk'}, content_type='text/x-sdk', **self.place))

    def write_in_parts(self, key, content, size=5 << 20):
        upload = self.client.initiate_multipart_upload(oss.InitiateMultipartUploadRequest(key=key, **self.place)).upload_id
        parts = []
        for number, start in enumerate(range(0, len(content), size), 1):
            part = self.client.upload_part(oss.UploadPartRequest(
                key=key, upload_id=upload, part_number=number, body=content[start:start + size], **self.place))
            parts.append(oss.UploadPart(part_number=number, etag=part.etag))
        self.client.complete_multipart_upload(oss.CompleteMultipartUploadRequest(
            key=key, upload_id=upload, complete_multipart_upload=oss.CompleteMultipartUpload(parts=parts), **self.place))


def sum_of(content):
    return hashlib.sha256(content).hexdigest()


for sdk in (S3(), OssClassic(), OssSecond()):
    # We write, the SDK reads.
    for what, key, content in (('single', f'{ODD}{sdk.name}', b'a few bytes'), ('parts', f'sdk/{sdk.name}/large.bin', LARGE)):
        target = f'{sdk.bucket}/{key}'
        local('in.bin', content)
        put = run('put', 'in.bin', target, '--metadata', 'scene=Ü 7', '--tag', 'team=color', '--content-type', 'image/x-test')
        suite.check(f'{sdk.name} put {what}', put[0], 0)
        body, meta, kind, tags = sdk.read(key)
        suite.check(f'{sdk.name} reads the bytes of {what}', sum_of(body), sum_of(content))
        suite.check(f'{sdk.name} reads the type of {what}', kind, 'image/x-test')
        suite.check(f'{sdk.name} reads the tags of {what}', tags, {'team': 'color'})
        suite.check(f'{sdk.name} reads the names of the metadata of {what}', list(meta), ['scene'])
        suite.check(f'{sdk.name} cp {what}', run('cp', target, f'{target}.copy')[0], 0)
        body, meta, kind, tags = sdk.read(f'{key}.copy')
        suite.check(f'{sdk.name} reads the copy of {what}', (sum_of(body), kind, tags), (sum_of(content), 'image/x-test', {'team': 'color'}))
    # The SDK writes, we read.
    for what, key, content, write in (
            ('single', f'{ODD}{sdk.name}.back', b'bytes of an SDK', sdk.write),
            ('parts', f'sdk/{sdk.name}/back.bin', LARGE[:11 << 20], sdk.write_in_parts)):
        target = f'{sdk.bucket}/{key}'
        write(key, content)
        code, rows = run('stat', target)
        suite.check(f'stat of {what} of {sdk.name}', (code, rows[0]['size']), (0, len(content)))
        suite.check(f'get of {what} of {sdk.name}', run('get', target, 'out.bin', '--overwrite')[0], 0)
        suite.check(f'bytes of {what} of {sdk.name}', sum_of(local('out.bin')), sum_of(content))
        listed = [row['key'] for row in run('ls', '-r', f'{sdk.bucket}/sdk/')[1]]
        suite.check(f'ls of {what} of {sdk.name}', listed.count(key), 1)
    # Versions: the bucket keeps them.
    key = f'sdk/{sdk.name}/versions'
    for content in (b'first', b'second!'):
        sdk.write(key, content)
    rows = [row for row in run('ls', '-r', '--versions', f'{sdk.bucket}/{key}')[1] if row['key'] == key]
    suite.check(f'versions of {sdk.name}', sorted(row['size'] for row in rows), [5, 7])
    oldest = next((row['version_id'] for row in rows if row['size'] == 5), None)
    suite.check(f'get of a version of {sdk.name}', run('get', f'{sdk.bucket}/{key}', 'old.bin', '--overwrite', '--version-id', str(oldest))[0], 0)
    suite.check(f'bytes of a version of {sdk.name}', local('old.bin'), b'first')
suite.end()
