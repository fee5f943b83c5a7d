<?php
// Installs the wiki into an empty database exactly once, however many replicas start together.
// The table kubelab_install says how far it came; a database with tables and without that one is somebody's wiki and stays as it is.
require __DIR__ . '/database.php';

function say( string $text ): void {
	fwrite( STDERR, "install: $text\n" );
}

/** Waits until the database lets us in; the pod's startup probe decides how long is too long. */
function connect(): mysqli {
	for ( $said = ''; ; sleep( 1 ) ) {
		try {
			return database();
		} catch ( mysqli_sql_exception $e ) {
			if ( $e->getMessage() !== $said ) {
				say( 'waiting for the database: ' . ( $said = $e->getMessage() ) );
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
	// Where a settings file is, the installer holds the wiki for installed; the one it writes is not wanted.
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
// The lock goes with the connection: a replica that dies half-way leaves it to the next.
while ( $db->query( "SELECT GET_LOCK('kubelab_install', 60)" )->fetch_row()[0] !== '1' ) {
	say( 'another replica is installing' );
}
$tables = tables( $db );
$halfDone = in_array( 'kubelab_install', $tables, true ) && !$db->query( 'SELECT 1 FROM kubelab_install' )->num_rows;
if ( !$tables || $halfDone ) {
	say( $halfDone ? 'an installation was cut short; once more' : 'empty database' );
	install( $db );
	say( 'done' );
}
