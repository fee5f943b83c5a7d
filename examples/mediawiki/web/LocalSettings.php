<?php
// Settings that differ between wikis are read from the environment. All state is in the database, so replicas are identical.
$wgSitename = 'KubeLab Wiki';
$wgServer = WebRequest::detectServer();
$wgScriptPath = '';
$wgArticlePath = '/index.php/$1';
$wgMainPageIsDomainRoot = true;
$wgLanguageCode = 'en';

$wgDBtype = 'mysql';
$wgDBserver = getenv( 'WIKI_DB_HOST' ) ?: 'database';
$wgDBname = 'wiki';
$wgDBuser = 'wiki';
$wgDBpassword = getenv( 'WIKI_DB_PASSWORD' );
$wgDBTableOptions = 'ENGINE=InnoDB, DEFAULT CHARSET=binary';
$wgSecretKey = getenv( 'WIKI_SECRET_KEY' );

$wgMainCacheType = CACHE_DB;
$wgSessionCacheType = CACHE_DB;
$wgParserCacheType = CACHE_DB;
$wgMessageCacheType = CACHE_DB;
$wgCacheDirectory = '/var/cache/mediawiki';
$wgLocalisationCacheConf['storeClass'] = LCStoreStaticArray::class;
$wgLocalisationCacheConf['storeDirectory'] = $wgCacheDirectory;

$wgEnableUploads = false;
$wgEnableEmail = false;
$wgPingback = false;
// Shows which replica sent the response.
$wgShowHostnames = true;
wfLoadSkin( 'Vector' );
$wgDefaultSkin = 'vector';
