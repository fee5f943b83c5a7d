<?php
// Installs the wiki in an empty database exactly once, even if several replicas start together.
// The table kubelab_install records the progress. A database with other tables but without this one is an existing wiki and is not changed.
require __DIR__ . '/database.php';

function say( string $text ): void {
	fwrite( STDERR, "install: $text\n" );
}

/** Waits until a login to the database succeeds. The pod's probes limit the time. */
function connect(): mysqli {
	for ( $lastMessage = ''; ; sleep( 1 ) ) {
		try {
			return database();
		} catch ( mysqli_sql_exception $e ) {
			if ( $e->getMessage() !== $lastMessage ) {
				say( 'waiting for the database: ' . ( $lastMessage = $e->getMessage() ) );
			}
		}
	}
}

function tables( mysqli $db ): array {
	return array_column( $db->query( 'SHOW TABLES' )->fetch_all(), 0 );
}

function secretFile( string $variable ): string {
	$file = tempnam( '/run/wiki', 'secret' );	// 0600
	file_put_contents( $file, getenv( $variable ) );
	register_shutdown_function( 'unlink', $file );
	return $file;
}

function install( mysqli $db ): void {
	$db->query( 'CREATE TABLE IF NOT EXISTS kubelab_install (done INT NOT NULL)' );
	foreach ( tables( $db ) as $table ) {
		if ( $table !== 'kubelab_install' ) {
			$db->query( "DROP TABLE `$table`" );
		}
	}
	// If a settings file exists, the installer considers the wiki installed. The file that it writes is not used.
	$environment = [ 'MW_CONFIG_FILE' => '/run/wiki/LocalSettings.php' ] + getenv();
	$command = [ PHP_BINARY, '/usr/share/mediawiki/maintenance/install.php',
		'--dbtype=mysql', '--dbserver=' . ( getenv( 'WIKI_DB_HOST' ) ?: 'database' ), '--dbname=wiki', '--dbuser=wiki',
		'--dbpassfile=' . secretFile( 'WIKI_DB_PASSWORD' ), '--passfile=' . secretFile( 'WIKI_ADMIN_PASSWORD' ),
		'--scriptpath=', '--server=http://localhost', '--confpath=/run/wiki', 'KubeLab Wiki', 'Admin' ];
	$process = proc_open( $command, [ [ 'file', '/dev/null', 'r' ], STDERR, STDERR ], $pipes, null, $environment );
	if ( $process === false || proc_close( $process ) !== 0 ) {
		throw new RuntimeException( 'the installer failed' );
	}
	$db->query( 'INSERT INTO kubelab_install VALUES (1)' );
}

$db = connect();
// The lock is released with the connection: if a replica fails, the next one continues.
while ( $db->query( "SELECT GET_LOCK('kubelab_install', 60)" )->fetch_row()[0] !== '1' ) {
	say( 'another replica is installing' );
}
$tables = tables( $db );
$halfDone = in_array( 'kubelab_install', $tables, true ) && !$db->query( 'SELECT 1 FROM kubelab_install' )->num_rows;
if ( !$tables || $halfDone ) {
	say( $halfDone ? 'an installation was interrupted; restarting it' : 'empty database' );
	install( $db );
	say( 'done' );
}
